namespace SamMed3D.Transfer;

/// <summary>
/// Cleans the labels of a data set, a folder of label files or one file, and writes the result elsewhere. The input is never changed. A
/// folder is made under another name and takes its own when it is whole, so that an interrupted run leaves no output.
/// </summary>
public static class CleaningRun
{
    /// <summary>The names of the reports in an output folder.</summary>
    public const string CsvName = "cleaning.csv", JsonName = "cleaning.json";

    private const int MostNamed = 20;

    /// <summary>Decides about every mask and writes nothing.</summary>
    /// <param name="input">A data set in nnU-Net's, the Decathlon's or SAM-Med3D's layout, a folder of label files, or one file.</param>
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

    /// <summary>
    /// Cleans, and writes data of the same layout with its reports. Images are copied; cases of which no mask stays are left out. Of SAM-Med3D's
    /// tree (the whole of it, an organ's folder or a data set's) the output is a whole tree, ORGAN/DATASET/imagesTr, with a folder for each side
    /// of an organ that is split. Ignored voxels stay, under the highest label.
    /// </summary>
    /// <param name="input">A data set in nnU-Net's, the Decathlon's or SAM-Med3D's layout, a folder of label files, or one file.</param>
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
        if (report.Cases.All(one => one.IsLeftOut || one.Part == DatasetPart.Test))
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
            cases.Add(new CleanedCase(item.Id, item.Part, item.LabelPath is null ? [] : Decisions(source, item, item.LabelPath, options, classNames)));
            progress?.Report(new RunProgress("deciding", cases.Count, source.Items.Count, "cases"));
        }

        RequireSymmetric(source, options, cases, classNames);
        return CleaningReport.Of(source, options, source.IsTree ? InFolders(source.Items, cases) : cases);
    }

    /// <summary>An organ to split that no class is named like: its classes would stay whole without a word.</summary>
    private static void RequireSymmetric(CleaningSource source, CleaningOptions options, List<CleanedCase> cases, IReadOnlyDictionary<int, string>? classNames)
    {
        if (!options.NamesItsOrgans)
            return;
        string[] names = [.. cases.SelectMany(one => one.Decisions).Select(decision => decision.ClassName).Distinct().Order(StringComparer.Ordinal)];
        foreach (string organ in options.SymmetricOrgans)
            if (!names.Concat(classNames?.Values ?? []).Any((options with { SymmetricOrgans = [organ] }).IsSymmetric))
                throw new InvalidDataException($"{source.Path}: no class is named '{organ}', which is to be split; there are {(names.Length == 0 ? "none" : ShortList.Of(names, MostNamed))}.");
    }

    /// <summary>In a tree a case with labels goes into a folder for each of its masks, one without labels wherever masks of its organ go.</summary>
    private static List<CleanedCase> InFolders(IReadOnlyList<CleaningItem> items, List<CleanedCase> cases)
    {
        var folders = cases.SelectMany(one => one.Decisions).SelectMany(FoldersOf).Distinct().OrderBy(entry => entry.Side).ToLookup(entry => entry.Organ, entry => entry.Folder);
        return [.. cases.Zip(items, (one, item) => one with
        {
            OrganFolders = item.LabelPath is null ? [.. folders[item.Organ!]] : [.. one.Decisions.SelectMany(FoldersOf).Select(entry => entry.Folder)],
        })];

        static IEnumerable<(string Organ, BodySide Side, string Folder)> FoldersOf(MaskDecision decision) =>
            decision.Outcome.Select(side => (decision.ClassName, side, new CleanedMask(decision.Value, side).FolderOf(decision.ClassName)));
    }

    private static IReadOnlyList<MaskDecision> Decisions(
        CleaningSource source, CleaningItem item, string file, CleaningOptions options, IReadOnlyDictionary<int, string>? classNames)
    {
        var volume = VolumeSource.Open(file);
        using var labels = volume.ReadLabels();
        var decisions = LabelCleaning.Decide(labels, Classes(source, item, file, labels, classNames), options).Decisions;
        if (!volume.IsPlaced && decisions.FirstOrDefault(decision => decision.Midline is not null) is { } split)
            throw new InvalidDataException($"{file}: '{split.ClassName}' cannot be split into left and right: {volume.PlacementDoubt}; correct the header, or split nothing (--no-split).");
        return decisions;
    }

    private static void WriteCases(
        CleaningSource source, CleaningTarget target, string folder, CleaningReport report, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        CleaningReportFile.SaveCsv(target.CsvIn(folder), report);
        CleaningReportFile.SaveJson(target.JsonIn(folder), report);
        if (source.Manifest is { } manifest)
            CleanedDescription.Write(folder, source, manifest, report);
        for (var index = 0; index < source.Items.Count; index++)
        {
            stop.ThrowIfCancellationRequested();
            if (!report.Cases[index].IsLeftOut)
                WriteCase(source, target, folder, source.Items[index], report, report.Cases[index]);
            progress?.Report(new RunProgress("writing", index + 1, source.Items.Count, "cases"));
        }
    }

    private static void WriteCase(
        CleaningSource source, CleaningTarget target, string folder, CleaningItem item, CleaningReport report, CleanedCase one)
    {
        string[] places = one.OrganFolders is { } organs ? [.. organs.Select(organ => Path.Combine(folder, organ))] : [folder];
        foreach (string place in places)
        {
            foreach (var (image, below) in item.Images)
                CleaningTarget.Copy(image, Path.Combine(place, below));
            // A data set of a tree is known by its two folders, even where no case has labels.
            if (item.LabelTarget is { } label)
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(place, label))!);
        }

        if (item.LabelPath is not { } file)
            return;
        using var labels = LabelVolume.Open(file);
        var cleaning = LabelCleaning.Decide(labels, one.Decisions.ToDictionary(decision => decision.Value, decision => decision.ClassName), report.Options);
        var masks = cleaning.Masks.ToList();
        var ignored = source.Manifest?.Labels.IgnoreValue is { } value ? new Dictionary<int, int> { [value] = report.IgnoreLabel!.Value } : [];
        for (var index = 0; index < places.Length; index++)
        {
            var values = item.Organ is null ? report.Labels : masks.ToDictionary(mask => mask, mask => mask == masks[index] ? 1 : 0);
            using var cleaned = cleaning.Paint(values, ignored);
            cleaned.Save(target.LabelIn(places[index], item));
        }
    }

    /// <summary>The classes by label: those of the data set, or the labels that occur in the file.</summary>
    private static Dictionary<int, string> Classes(
        CleaningSource source, CleaningItem item, string file, LabelVolume labels, IReadOnlyDictionary<int, string>? classNames)
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
        int[] strangers = [.. found.Except(manifest.Labels.FileValues)];
        if (strangers.Length > 0)
        {
            string expected = source.IsTree ? "0 and 1 alone, one mask a file as in SAM-Med3D's tree"
                : $"{CaseFiles.Values(manifest.Labels)} as in {DatasetDescription.FileName}";
            throw new InvalidDataException($"{file}: expected labels {expected}, got also {string.Join(", ", strangers.Take(20))}.");
        }


        return Enumerable.Range(1, manifest.ClassNames.Count - 1).ToDictionary(label => label, label => item.Organ ?? manifest.ClassNames[label]);
    }
}
