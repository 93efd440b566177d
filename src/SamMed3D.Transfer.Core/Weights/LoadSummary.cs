namespace SamMed3D.Transfer;

/// <summary>A load report in a few lines.</summary>
internal static class LoadSummary
{
    public static string Of(LoadReport report)
    {
        LoadEntry[] asked = [.. report.Entries.Where(entry => entry.IsAsked)];
        var lines = new List<string>
        {
            $"{report.Origin}: {report.Family.Name}{(report.Sha256 is null ? "" : $", sha256 {report.Sha256}")}",
            $"  {Count(LoadOutcome.Loaded)} loaded, {Inflated()}{Count(LoadOutcome.Resized)} resized, {Count(LoadOutcome.Initialised)} initialised, "
                + $"{Count(LoadOutcome.Refused)} refused, of {asked.Length} tensors asked for; coverage {LoadReport.Percent(report.Coverage)} of the values, "
                + $"{LoadReport.Percent(report.TensorCoverage)} of the tensors",
        };
        if (report.Inflation is { } inflation)
            lines.Add($"  inflated from 2D to 3D: variant {Word(inflation.Variant)}, new axis {Word(inflation.NewAxis)}");
        foreach (var group in asked.Where(entry => entry.Outcome == LoadOutcome.Inflated).GroupBy(entry => entry.How))
            Add($"inflated ({group.Key})", group, entry => $"{entry.Name} {LoadReport.Text(entry.SourceShape)} -> {LoadReport.Text(entry.Shape)}");
        foreach (var group in asked.Where(entry => entry.Outcome == LoadOutcome.Resized).GroupBy(entry => entry.How))
            Add($"resized ({group.Key})", group, entry => $"{entry.Name} {LoadReport.Text(entry.SourceShape)} -> {LoadReport.Text(entry.Shape)}");
        foreach (var group in asked.Where(entry => entry.IsConverted).GroupBy(entry => (entry.SourceType, entry.Type)))
            lines.Add($"  converted from {group.Key.SourceType} to {group.Key.Type}: {group.Count()} tensors");
        foreach (var group in asked.Where(entry => entry.Outcome == LoadOutcome.Initialised).GroupBy(entry => entry.How))
            Add($"initialised ({group.Key})", group, entry => entry.Name);
        Add("refused", asked.Where(entry => entry.Outcome == LoadOutcome.Refused), entry => $"{entry.Name} ({entry.How})");
        if (report.Entries.Count - asked.Length is > 0 and var left)
            lines.Add($"  {left} other tensors of the model keep their initial values: they were not asked for");
        foreach (var part in report.Sources.Where(source => source.Use == SourceUse.Ignored).GroupBy(source => source.Part))
            lines.Add($"  not used of the file: {part.Key}, {part.Count()} tensors");
        if (report.Unexpected is { Count: > 0 } unexpected)
            lines.Add($"  unexpected in the file: {LoadReport.Some(unexpected)}");
        return string.Join('\n', lines);

        // As an experiment file has it: ReplicateMean is replicate-mean.
        static string Word<T>(T value)
            where T : struct, Enum => string.Concat(value.ToString().Select((letter, at) =>
                (at > 0 && char.IsAsciiLetterUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));

        int Count(LoadOutcome outcome) => asked.Count(entry => entry.Outcome == outcome);

        string Inflated() => report.Inflation is null ? "" : $"{Count(LoadOutcome.Inflated)} inflated, ";

        void Add(string what, IEnumerable<LoadEntry> entries, Func<LoadEntry, string> describe)
        {
            if (entries.Any())
                lines.Add($"  {what}: {LoadReport.Some([.. entries.Select(describe)])}");
        }
    }
}
