using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Golden case <c>metrics</c>: overlaps, volumes and surface distances of mask pairs, the area of surface patterns, distance transforms,
/// connected components and the cleaning of label maps. Parts whose files are not in the folder are left out, and said.
/// </summary>
public sealed class MetricsParity : ParityCheck
{
    /// <summary>The description that tells the folder; the other files lie beside it.</summary>
    internal const string FileName = "metrics.json";

    private static readonly (string File, Func<string, JsonElement, IEnumerable<ParityQuantity>> Run)[] Parts =
    [
        ("surface_elements.json", SurfaceElementQuantities.Of),
        ("edt.json", DistanceQuantities.Of),
        ("components.json", ComponentQuantities.Of),
        ("cleaning.json", CleaningQuantities.Of),
    ];

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.ValueKind == JsonValueKind.Object && description.TryGetProperty("pairs", out var pairs)
        && pairs.ValueKind == JsonValueKind.Array && pairs.EnumerateArray().All(pair => pair.TryGetProperty("voxel_border", out _));

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        foreach (var quantity in MaskPairQuantities.Of(folder, description))
            yield return quantity;
        foreach (var (file, run) in Parts)
        {
            string path = Path.Combine(folder, file);
            if (!File.Exists(path))
            {
                yield return ParityQuantity.Skipped(file, $"{path} is not here");
                continue;
            }

            using var part = GoldenDescription.Read(path);
            foreach (var quantity in run(folder, part.RootElement))
                yield return quantity;
        }
    }

    /// <summary>A number, where NaN and infinities are texts.</summary>
    internal static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString() switch
    {
        "nan" => double.NaN,
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        var other => throw new InvalidDataException($"expected a number, got {other}"),
    };

    /// <summary>The absolute difference; 0 for two NaN or two equal infinities.</summary>
    internal static double Difference(double mine, double expected) =>
        mine.Equals(expected) ? 0 : Math.Abs(mine - expected) is var difference && double.IsNaN(difference) ? double.PositiveInfinity : difference;

    /// <summary>Three numbers.</summary>
    internal static Double3 Three(JsonElement values) => new(values[0].GetDouble(), values[1].GetDouble(), values[2].GetDouble());

    /// <summary>A stored mask.</summary>
    internal static bool[] Mask(Tensor stored)
    {
        using var inside = stored.ne(0).contiguous();
        return inside.data<bool>().ToArray();
    }

    /// <summary>The extents of a stored array [X, Y, Z].</summary>
    internal static Size3 SizeOf(Tensor stored) => new((int)stored.shape[0], (int)stored.shape[1], (int)stored.shape[2]);
}
