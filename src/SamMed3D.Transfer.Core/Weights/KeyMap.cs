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

    /// <summary>Prefixes of wrapping modules, taken off first, as often as a key has them.</summary>
    public IReadOnlyList<string> Stripped { get; init; } = ["module."];

    /// <summary>Keys that are left out on purpose (looked at after <see cref="Stripped"/>).</summary>
    public IReadOnlyList<IgnoredKeys> Ignored { get; init; } = [];

    /// <summary>Renamings; the first that fits is used.</summary>
    public IReadOnlyList<KeyRule> Rules { get; init; } = [];

    /// <summary>The name in the module; null when the key is left out.</summary>
    public string? Apply(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (WhatIgnored(key) is not null)
            return null;
        key = Unwrapped(key);
        return Rules.FirstOrDefault(rule => key.StartsWith(rule.From, StringComparison.Ordinal)) is { } rule
            ? rule.To + key[rule.From.Length..]
            : key;
    }

    /// <summary>What the key belongs to when it is left out on purpose; null when it is not.</summary>
    public string? WhatIgnored(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string name = Unwrapped(key);
        return Ignored.FirstOrDefault(keys => keys.Covers(name))?.What;
    }

    /// <summary>The same map into a module that sits in a field of a larger one.</summary>
    /// <param name="prefix">Such as "vit.".</param>
    public KeyMap Under(string prefix) =>
        this with { Rules = [.. Rules.Select(rule => rule with { To = prefix + rule.To }), new KeyRule(string.Empty, prefix)] };

    /// <summary>A key without the prefixes of wrapping modules.</summary>
    internal string Unwrapped(string key)
    {
        while (Stripped.FirstOrDefault(prefix => prefix.Length > 0 && key.StartsWith(prefix, StringComparison.Ordinal)) is { } wrapper)
            key = key[wrapper.Length..];
        return key;
    }
}
