using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>Compares the many spellings of data sets and structures.</summary>
internal static partial class DatasetName
{
    private static readonly HashSet<string> Sides = ["left", "right", "l", "r"];

    /// <summary>Lower-case letters and digits alone, without nnU-Net's and the Decathlon's numbers.</summary>
    public static string Compact(string name) => string.Concat(Words(name));

    /// <summary>Whether a name contains another as whole words, in "Dataset004_Hippocampus", "HippocampusSubset" and "my hippocampus" alike.</summary>
    public static bool Holds(string name, string other)
    {
        string[] wanted = Words(other);
        string target = string.Concat(wanted);
        return target.Length > 0 && (HoldsRun(Words(name), target) || HoldsRun(Words(CamelCase().Replace(name, "$1 $2")), target));
    }

    /// <summary>Whether two names mean one structure, whichever side: "left kidney", "kidney_left" and "Kidneys".</summary>
    public static bool IsSameTarget(string one, string other)
    {
        static string Core(string name) => string.Concat(Words(CamelCase().Replace(name, "$1 $2")).Where(word => !Sides.Contains(word))
            .Select(word => word.Replace("tumor", "tumour", StringComparison.Ordinal).Replace("edema", "oedema", StringComparison.Ordinal).Replace("ooedema", "oedema", StringComparison.Ordinal))
            .Select(word => word.Length > 3 && word.EndsWith('s') && !word.EndsWith("us", StringComparison.Ordinal) && !word.EndsWith("is", StringComparison.Ordinal) ? word[..^1] : word)
            .Order(StringComparer.Ordinal));
        return Core(one) is { Length: > 0 } core && core == Core(other);
    }

    /// <summary>Whether some words in a row, joined, are the target.</summary>
    private static bool HoldsRun(string[] words, string target)
    {
        for (int first = 0; first < words.Length; first++)
        {
            string joined = "";
            for (int next = first; next < words.Length && joined.Length < target.Length; next++)
            {
                joined += words[next];
                if (joined == target)
                    return true;
            }
        }

        return false;
    }

    private static string[] Words(string name) => [.. Separator().Split(name.ToLowerInvariant()).Where(word => word.Length > 0 && !Number().IsMatch(word))];

    [GeneratedRegex("[^\\p{L}\\p{Nd}]+")]
    private static partial Regex Separator();

    [GeneratedRegex("^(dataset|task)[0-9]+$")]
    private static partial Regex Number();

    [GeneratedRegex("(\\p{Ll}|\\p{Nd})(\\p{Lu})")]
    private static partial Regex CamelCase();
}
