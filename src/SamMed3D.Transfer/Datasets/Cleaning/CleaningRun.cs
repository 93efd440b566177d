namespace SamMed3D.Transfer;

/// <summary>
/// Cleans the labels of a data set, a folder of label files or one file, and writes the result elsewhere. The input is never changed. A
/// folder is made under another name and takes its own when it is whole, so that an interrupted run leaves no output.
/// </summary>
public static class CleaningRun
{
    /// <summary>The names of the reports in an output folder.</summary>
    public const string CsvName = "cleaning.csv", JsonName = "cleaning.json";

    /// <summary>Decides about every mask and writes nothing.</summary>
    /// <param name="input">A data set in nnU-Net's or the Decathlon's layout, a folder of label files, or one file.</param>
    /// <param name="options">The rules.</param>
    /// <param name="classNames">Names of labels where there is no data set; others are named by their numbers.</param>
    /// <param name="progress">Told after each case.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="InvalidDataException">The input is missing or broken, or has labels that are no classes.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static CleaningReport Decide(string input, CleaningOptions options, IReadOnlyDictionary<int, string>? classNames = null,
        IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        ArgumentNullException.ThrowIfNull(options);
        return Decide(CleaningSource.Open(input), options.Validated(), classNames, progress, stop);
    }

    /// <summary>Cleans, and writes data of the same layout with its reports. Images are copied; cases of which no mask stays are left out.</summary>
    /// <param name="input">A data set in nnU-Net's or the Decathlon's layout, a folder of label files, or one file.</param>
    /// <param name="output">A folder that is empty or not there; for one file a file that is not there, ending as a volume does.</param>
    /// <param name="options">The rules.</param>
    /// <param name="classNames">Names of labels where there is no data set; others are named by their numbers.</param>
    /// <param name="progress">Told after each case.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="InvalidDataException">
    /// The input is missing or broken, has labels that are no classes or no mask that stays; or the output is there already or cannot be written.
    /// </exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static CleaningReport Write(string input, string output, CleaningOptions options, IReadOnlyDictionary<int, string>? classNames = null,
        IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(options);
        var source = CleaningSource.Open(input);
        var target = new CleaningTarget(source, output);
        var report = Decide(source, options.Validated(), classNames, progress, stop);
        if (!source.IsFile && report.Cases.All(one => one.IsLeftOut || one.Part == DatasetPart.Test))
            throw new InvalidDataException($"{input}: no mask {(source.Manifest is null ? "" : "of a training case ")}stays under these rules, so that there is nothing to write.");
        target.Write(folder => WriteCases(source, target, folder, report, progress, stop));
        return report;
    }

    private static CleaningReport Decide(CleaningSource source, CleaningOptions options, IReadOnlyDictionary<int, string>? classNames,
        IProgress<RunProgress>? progress, CancellationToken stop)
    {
        List<CleanedCase> cases = [];
        foreach (var item in source.Items)
        {
            stop.ThrowIfCancellationRequested();
            cases.Add(new CleanedCase(item.Id, item.Part, item.LabelPath is null ? [] : Decisions(source, item.LabelPath, options, classNames)));
            progress?.Report(new RunProgress("deciding", cases.Count, source.Items.Count, "cases"));
        }

        return CleaningReport.Of(source.Path, options, cases);
    }

    private static IReadOnlyList<MaskDecision> Decisions(
        CleaningSource source, string file, CleaningOptions options, IReadOnlyDictionary<int, string>? classNames)
    {
        using var labels = LabelVolume.Open(file);
        return LabelCleaning.Decide(labels, Classes(source, file, labels, classNames), options).Decisions;
    }

    private static void WriteCases(
        CleaningSource source, CleaningTarget target, string folder, CleaningReport report, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        CleaningReportFile.SaveCsv(target.CsvIn(folder), report);
        CleaningReportFile.SaveJson(target.JsonIn(folder), report);
        var classNames = report.Cases.SelectMany(one => one.Decisions).DistinctBy(decision => decision.Value)
            .ToDictionary(decision => decision.Value, decision => decision.ClassName);
        for (var index = 0; index < source.Items.Count; index++)
        {
            stop.ThrowIfCancellationRequested();
            var item = source.Items[index];
            if (!report.Cases[index].IsLeftOut || source.IsFile)
            {
                foreach (var (image, place) in item.Images)
                    CleaningTarget.Copy(image, Path.Combine(folder, place));
                if (item.LabelPath is { } file)
                {
                    using var labels = LabelVolume.Open(file);
                    using var cleaned = LabelCleaning.Decide(labels, classNames, report.Options).Paint(report.Labels);
                    cleaned.Save(target.LabelIn(folder, item));
                }
            }

            progress?.Report(new RunProgress("writing", index + 1, source.Items.Count, "cases"));
        }

        if (source.Manifest is { } manifest)
            CleanedDescription.Write(folder, manifest, report);
    }

    /// <summary>The classes by label: those of the data set, or the labels that occur in the file.</summary>
    private static Dictionary<int, string> Classes(CleaningSource source, string file, LabelVolume labels, IReadOnlyDictionary<int, string>? classNames)
    {
        var found = new SortedSet<int>();
        int last = 0;
        foreach (int label in labels.Voxels())
            if (label != last && (last = label) != 0)
                found.Add(label);
        if (source.Manifest is null && found.Count > 0 && found.Min < 0)
            throw new InvalidDataException($"{file}: expected a label map, whose values are 0 and above, got {found.Min}; is it an image?");
        if (source.Manifest is not { } manifest)
            return found.ToDictionary(label => label, label => classNames?.GetValueOrDefault(label) ?? $"{label}");
        int[] strangers = [.. found.Where(label => label < 0 || label >= manifest.ClassNames.Count)];
        return strangers.Length == 0
            ? Enumerable.Range(1, manifest.ClassNames.Count - 1).ToDictionary(label => label, label => manifest.ClassNames[label])
            : throw new InvalidDataException($"{file}: expected labels 0 to {manifest.ClassNames.Count - 1} as in {DatasetDescription.FileName}, got also {string.Join(", ", strangers.Take(20))}.");
    }
}
