namespace SamMed3D.Transfer;

/// <summary>Keys that are left out on purpose.</summary>
/// <param name="Prefix">How they start; "*" stands for one part of a name, such as in "blocks.*.cross_attn.".</param>
/// <param name="What">What they are, such as "mask decoder".</param>
public sealed record IgnoredKeys(string Prefix, string What)
{
    /// <summary>Whether a key is one of them.</summary>
    public bool Covers(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!Prefix.Contains('*', StringComparison.Ordinal))
            return key.StartsWith(Prefix, StringComparison.Ordinal);
        string[] pattern = Prefix.Split('.'), parts = key.Split('.');
        if (parts.Length < pattern.Length)
            return false;
        for (var i = 0; i < pattern.Length; i++)
        {
            bool fits = pattern[i] == "*" || (i == pattern.Length - 1
                ? parts[i].StartsWith(pattern[i], StringComparison.Ordinal)
                : parts[i] == pattern[i]);
            if (!fits)
                return false;
        }

        return true;
    }
}
