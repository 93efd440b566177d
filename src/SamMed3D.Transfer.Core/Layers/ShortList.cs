namespace SamMed3D.Transfer;

/// <summary>Names in a message or a table, of which there may be thousands.</summary>
internal static class ShortList
{
    /// <summary>The first names, and how many more there are, such as "a, b and 3 more".</summary>
    public static string Of(IReadOnlyCollection<string> names, int most) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {names.Count - most} more" : "");
}
