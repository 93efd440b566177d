namespace SamMed3D.Transfer.Cli;

/// <summary>A cleaning report for people.</summary>
internal static class CleaningText
{
    private const int MostNamed = 10;

    /// <summary>A row a class: how many masks there were, why some went, how many of the rest lost components, and what they became.</summary>
    public static void Write(Terminal terminal, CleaningReport report)
    {
        var table = new TextTable("class", "masks", "kept", "too small", "background", "lost components", "new classes");
        foreach (var masks in report.Cases.SelectMany(one => one.Decisions).GroupBy(mask => (mask.Value, mask.ClassName)).OrderBy(group => group.Key.Value)
            .ThenBy(group => group.Key.ClassName, StringComparer.Ordinal))
        {
            var present = masks.Where(mask => !mask.IsAbsent).ToList();
            table.Add(masks.Key.ClassName, $"{present.Count}", $"{present.Count(mask => mask.IsKept)}", $"{present.Count(mask => mask.DroppedBy == 1)}",
                $"{present.Count(mask => mask.DroppedBy == 2)}", $"{present.Count(mask => mask.IsKept && mask.KeptVoxelCount < mask.VoxelCount)}",
                string.Join(", ", masks.SelectMany(report.NewLabels).Distinct().OrderBy(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal)
                    .Select(entry => $"{entry.Value} {entry.Key}").DefaultIfEmpty("-")));
        }

        table.Write(terminal);
        Note(terminal, "no mask of these cases stays, they are left out", [.. report.Cases.Where(one => one.IsLeftOut).Select(one => one.Id)]);
        Note(terminal, "these classes stay in no case and are gone", report.VanishedClasses);
    }

    private static void Note(Terminal terminal, string what, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
            terminal.Error.WriteLine($"note: {what}: {ShortList.Of(names, MostNamed)}.");
    }
}
