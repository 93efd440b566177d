namespace SamMed3D.Transfer;

/// <summary>One renaming: a key that starts with <paramref name="From"/> starts with <paramref name="To"/> instead.</summary>
/// <param name="From">Such as "image_encoder."; empty fits every key.</param>
/// <param name="To">Such as "vit."; may be empty.</param>
public sealed record KeyRule(string From, string To);

/// <summary>How the keys of a checkpoint become the names of a module, as data. Keys that no rule fits keep their names.</summary>
public sealed record KeyMap
{
    /// <summary>Every key keeps its name.</summary>
    public static KeyMap Identity { get; } = new();

    /// <summary>Prefixes taken off first, where a key has them, in this order.</summary>
    public IReadOnlyList<string> Stripped { get; init; } = ["module."];

    /// <summary>Prefixes of keys that are left out on purpose (looked at after <see cref="Stripped"/>).</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>Renamings; the first that fits is used.</summary>
    public IReadOnlyList<KeyRule> Rules { get; init; } = [];

    /// <summary>The name in the module; null when the key is left out.</summary>
    public string? Apply(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (string prefix in Stripped)
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                key = key[prefix.Length..];
        if (Dropped.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
            return null;
        return Rules.FirstOrDefault(rule => key.StartsWith(rule.From, StringComparison.Ordinal)) is { } rule
            ? rule.To + key[rule.From.Length..]
            : key;
    }

    /// <summary>The same map into a module that sits in a field of a larger one.</summary>
    /// <param name="prefix">Such as "vit.".</param>
    public KeyMap Under(string prefix) =>
        this with { Rules = [.. Rules.Select(rule => rule with { To = prefix + rule.To }), new KeyRule(string.Empty, prefix)] };
}
