namespace SamMed3D.Transfer;

/// <summary>
/// Opens every case of a data set and lists what is wrong. Voxels are read a block at a time and not kept, so that memory does not grow with the
/// volumes.
/// </summary>
/// <remarks>
/// "Unusual" means more than five robust standard deviations (1.4826 times the median absolute deviation) off the median of all cases, but at least a factor
/// of 1.5 for a spacing (per axis in RAS+, logarithmic), a factor of 3 for the spread of intensities, and 300 HU for the mean of a CT.
/// </remarks>
public static class DatasetCheck
{
    /// <summary>Checks a data set.</summary>
    /// <param name="source">As for <see cref="DatasetManifest.Open"/>.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between blocks of voxels.</param>
    /// <exception cref="InvalidDataException">There is no data set.</exception>
    public static DatasetCheckReport Run(string source, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        DatasetContent content;
        try
        {
            content = DatasetContent.Of(source);
        }
        catch (InvalidDataException broken) when (DatasetContent.DescriptionOf(source) is { } path)
        {
            return Undescribed(source, path, BrokenFile.ReasonOf(path, broken));
        }

        List<DatasetProblem> problems = [.. content.Problems];
        var inspector = new CaseInspector(content.Description, problems, stop);
        var digests = new List<CaseDigest>();
        for (var index = 0; index < content.Cases.Count; index++)
        {
            if (inspector.Inspect(content.Cases[index]) is { } digest)
                digests.Add(digest);
            progress?.Report(new RunProgress("checking", index + 1, content.Cases.Count, "cases", content.Cases[index].Id));
        }

        new CaseComparison(content.Description, digests, problems).Run();
        CheckSplit(content, problems);
        return new DatasetCheckReport(source, content.Description.Layout,
            content.Cases.Count(one => one.Part == DatasetPart.Training), content.Cases.Count(one => one.Part == DatasetPart.Test),
            [.. problems.Select(problem => problem.Below(content.Root))
                .OrderByDescending(problem => problem.Severity).ThenBy(problem => problem.Kind).ThenBy(problem => problem.Case, StringComparer.Ordinal)]);
    }

    /// <summary>Nothing else can be looked at.</summary>
    private static DatasetCheckReport Undescribed(string source, string path, string reason) => new(source, null, 0, 0,
    [
        new DatasetProblem(ProblemSeverity.Error, DatasetProblemKind.BrokenDescription, "all cases", "what the data set is", reason,
            "correct the file; cases are looked at then", Path.GetFileName(path)),
    ]);

    private static void CheckSplit(DatasetContent content, List<DatasetProblem> problems)
    {
        string path = Path.Combine(content.Root, DataSplit.FileName);
        var training = content.Cases.Where(one => one.Part == DatasetPart.Training).ToDictionary(one => one.Id, StringComparer.Ordinal);
        if (training.Count == 0 || !File.Exists(path))
            return;
        // A case that lost a file has a line for that.
        var incomplete = content.Problems.Where(problem => problem.Kind == DatasetProblemKind.MissingFile).Select(problem => problem.Case);
        List<string> faults = [];
        IReadOnlyList<DataFold> folds = [];
        try
        {
            folds = DataSplit.Read(path, training.Keys.Concat(incomplete), faults).Folds;
        }
        catch (InvalidDataException broken)
        {
            faults.Add(BrokenFile.ReasonOf(path, broken));
        }

        foreach (string fault in faults)
            problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.BrokenSplit, "folds", "folds of the training cases", fault,
                "correct the file, or remove it for folds of your own", DataSplit.FileName));
        for (var fold = 0; fold < folds.Count; fold++)
        {
            string[] both = [.. Subjects(folds[fold].Training.Except(folds[fold].Validation)).Intersect(Subjects(folds[fold].Validation))];
            if (both.Length > 0)
                problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.SharedSubject, $"fold {fold}", "a subject in train or in val",
                    $"both: {string.Join(", ", both.Take(6))}", "make folds by subject, as 'plan' does; validation scores are too good otherwise",
                    DataSplit.FileName));
        }

        IEnumerable<string> Subjects(IEnumerable<string> ids) => ids.Where(training.ContainsKey).Select(id => training[id].Subject);
    }
}
