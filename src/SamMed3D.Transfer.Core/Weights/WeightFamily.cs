using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>Which model a checkpoint belongs to, recognised by its keys and shapes.</summary>
/// <param name="Family">The model.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Reason">The keys and shapes that tell; for an unknown one, what it comes closest to and what speaks against that.</param>
public sealed record WeightFamily(ModelFamily Family, string Name, string Reason)
{
    /// <summary>The row of <see cref="KnownFamilies.All"/> that fits; null for an unknown model.</summary>
    [JsonIgnore]
    public FamilyPattern? Pattern { get; init; }

    /// <summary>The sizes of its encoder, as far as the shapes tell; null for an unknown model and one without a transformer.</summary>
    public EncoderArchitecture? Architecture { get; init; }

    /// <summary>Recognises the model that tensors belong to.</summary>
    public static WeightFamily Recognise(IReadOnlyList<WeightInfo> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var unwrap = new KeyMap { Stripped = KnownFamilies.Wrappers };
        var byName = new Dictionary<string, WeightInfo>(StringComparer.Ordinal);
        foreach (var info in tensors)
            byName.TryAdd(unwrap.Unwrapped(info.Name), info);
        if (KnownFamilies.All.FirstOrDefault(row => row.Clues.All(clue => clue.Holds(byName))) is not { } pattern)
            return new(ModelFamily.Unknown, "unknown", Closest(byName));
        var architecture = pattern.Family == ModelFamily.ResidualUnet ? null : EncoderArchitecture.Of(byName, pattern.EncoderPrefix);
        string name = pattern.IsPlanar && architecture?.SamSize is { } size ? $"{pattern.Name} ({size})" : pattern.Name;
        return new(pattern.Family, name, "has " + string.Join(", ", pattern.Clues.Select(clue => clue.Evidence(byName))))
        {
            Pattern = pattern,
            Architecture = architecture,
        };
    }

    /// <summary>Why these weights cannot go into a model of another family, in half a sentence; null when they can, or when one of the two is unknown.</summary>
    /// <param name="encoder">The family of the model's encoder alone.</param>
    public string? WhyRefused(ModelFamily encoder)
    {
        if (Pattern is null || encoder == ModelFamily.Unknown || Pattern.Encoder == encoder
            || (Pattern.Family == ModelFamily.Sam2d && encoder == ModelFamily.Adapter3d)) // It is made of a 2D SAM.
            return null;
        string part = encoder == ModelFamily.ResidualUnet ? "model" : "encoder";
        string wanted = string.Join(", ", KnownFamilies.All.Where(row => row.Encoder == encoder).Select(row => row.Name).Distinct());
        return Pattern.IsPlanar
            ? $"it is a 2D checkpoint ({Name}) and the model is 3D: it needs inflation to 3D (LoadInflated; start.kind: sam-inflated), not a direct load; give one of: {wanted}"
            : $"it was recognised as {Name} ({Reason}), but the {(part == "model" ? part : "model's encoder")} expects one of: {wanted}; give such a checkpoint, or choose the {part} that this one is for";
    }

    /// <summary>Why these weights cannot be inflated into a 3D encoder, in half a sentence; null when they can.</summary>
    internal string? WhyNotInflated => Family == ModelFamily.Sam2d ? null
        : $"inflation makes a 2D SAM's encoder 3D, but it was recognised as {Name} ({Reason})"
            + (Family == ModelFamily.SamMed2d
                ? "; its adapters have no 3D counterpart: give the 2D SAM that it was built on"
                : "; a 3D encoder's weights are loaded as they are (LoadEncoder; start.kind: checkpoint)");

    private static string Closest(Dictionary<string, WeightInfo> tensors)
    {
        var best = KnownFamilies.All.MaxBy(row => row.Clues.Count(clue => !clue.IsAbsent && clue.Holds(tensors)) / (double)row.Clues.Count(clue => !clue.IsAbsent))!;
        string keys = $"{tensors.Count} keys such as {LoadReport.Some([.. tensors.Keys])}";
        return best.Clues.Any(clue => !clue.IsAbsent && clue.Holds(tensors))
            ? $"closest to {best.Name}, but {string.Join(" and ", best.Clues.Where(clue => !clue.Holds(tensors)).Select(clue => clue.Objection(tensors)))}; {keys}"
            : $"no known pattern among {keys}";
    }
}
