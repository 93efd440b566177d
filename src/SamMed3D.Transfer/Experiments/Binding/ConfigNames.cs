using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>How C# names are written in experiment files, and which known name a misspelt one may mean.</summary>
internal static class ConfigNames
{
    /// <summary>Key of a property: <c>LearningRate</c> is <c>learningRate</c>.</summary>
    public static string Key(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);

    /// <summary>Value of an enum: <c>ZScore</c> is <c>z-score</c>.</summary>
    public static string Value(string member) => JsonNamingPolicy.KebabCaseLower.ConvertName(member);

    /// <summary>Such as " (did you mean 'steps'?)", or nothing when no name is near.</summary>
    public static string DidYouMean(string written, IEnumerable<string> known)
    {
        string? nearest = known
            .Select(name => (Name: name, Distance: Distance(Plain(written), Plain(name))))
            .Where(candidate => candidate.Distance <= (candidate.Name.Length < 4 ? 1 : Math.Max(2, candidate.Name.Length / 3)))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
        return nearest is null ? "" : $" (did you mean '{nearest}'?)";
    }

    /// <summary>Without case and separators, so that <c>batch_size</c> is near <c>batchSize</c>.</summary>
    private static string Plain(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Levenshtein distance: letters to insert, delete or replace.</summary>
    public static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (var k = 1; k <= b.Length; k++)
            {
                int above = row[k];
                row[k] = Math.Min(Math.Min(row[k], row[k - 1]) + 1, diagonal + (a[i - 1] == b[k - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
