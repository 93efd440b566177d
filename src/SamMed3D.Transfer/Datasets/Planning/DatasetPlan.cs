using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>What to do with a data set, each decision with its reason: preprocessing, network, patch, batch, folds, label budgets.</summary>
public sealed record DatasetPlan
{
    /// <summary>The names of the files in a plan's folder.</summary>
    public const string FileName = "plan.json", ExperimentName = "experiment.yaml";

    private const int FewestSteps = 1000, MostSteps = 20_000, PassesOverTheCases = 400;

    /// <summary>What the training cases are like.</summary>
    public required DatasetFingerprint Fingerprint { get; init; }

    /// <summary>The decisions.</summary>
    public required IReadOnlyList<PlanDecision> Decisions { get; init; }

    /// <summary>The folds: by subject, each with its share of every class.</summary>
    public required IReadOnlyList<DataFold> Folds { get; init; }

    /// <summary>Nested subsets of each fold's training cases.</summary>
    public required LabelBudgets Budgets { get; init; }

    /// <summary>The experiment that carries it out. It finds the folds in the plan's folder.</summary>
    public required Experiment Experiment { get; init; }

    /// <summary>Makes a plan.</summary>
    /// <param name="source">The data set, as for <see cref="DatasetManifest.Open"/>.</param>
    /// <param name="output">The folder that the plan will be saved in: the experiment names files there.</param>
    /// <param name="options">What to go by.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="InvalidDataException">The data set is broken ('check' lists everything), the weights are not SAM-Med3D's, or there are fewer subjects than folds.</exception>
    public static DatasetPlan Make(
        string source, string output, PlanOptions? options = null, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        options = (options ?? new()).Validated();
        var manifest = DatasetManifest.Open(source);
        RequireWeights(options.Weights);
        var fingerprint = DatasetFingerprint.Of(manifest, options.Seed, progress, stop);
        if (options.SubjectPattern is { } pattern)
            fingerprint = fingerprint with { Cases = [.. fingerprint.Cases.Select(one => one with { Subject = SubjectOf(one.Id, pattern) })] };
        bool usesReleased = options.Weights is not null;
        List<PlanDecision> decisions = [];
        var (spacing, spacingReason) = SpacingPlan.Of(fingerprint, usesReleased);
        decisions.Add(new("spacing", $"{spacing} mm", spacingReason));
        var (normalization, normalizationReason) = NormalizationPlan.Of(manifest.ChannelNames, fingerprint, usesReleased);
        decisions.Add(new("normalization", $"{normalization}", normalizationReason));
        var size = SizeAt(fingerprint, spacing);
        var (model, batch) = PatchPlan.Of(size, manifest.ChannelNames.Count, options.MemoryGB, usesReleased, decisions);
        var (folds, foldReason) = FoldsOf(manifest, fingerprint, options);
        decisions.Add(new("folds", $"{folds.Count}", foldReason));
        decisions.Add(new("flips", "none", "a mirrored image may swap what classes mean (left and right); name axes in data.flips where it does not"));
        long steps = Math.Clamp((long)PassesOverTheCases * folds[0].Training.Count / batch, FewestSteps, MostSteps);
        decisions.Add(new("steps", $"{steps}", $"about {PassesOverTheCases} patches of each training case, {FewestSteps} steps at least and {MostSteps} at most"));
        var plan = new DatasetPlan
        {
            Fingerprint = fingerprint,
            Decisions = decisions,
            Folds = folds,
            Budgets = LabelBudgets.Draw(fingerprint, folds, options.Seed),
            Experiment = new Experiment
            {
                Name = NameOf(manifest.Name),
                Seed = options.Seed,
                Data = new DataOptions
                {
                    Root = source,
                    Splits = Path.Combine(output, DataSplit.FileName),
                    FoldCount = Math.Max(2, folds.Count),
                    Preprocessing = new PreprocessingOptions { Spacing = spacing, Normalization = normalization },
                    Patches = new PatchOptions { ForegroundFraction = 0.5 },
                },
                Model = model,
                Start = options.Weights is { } path
                    ? new SamMed3DStart { Path = path }
                    : new ScratchStart(),
                Training = new TrainingOptions
                {
                    Steps = steps, BatchSize = batch, LearningRate = usesReleased ? 2e-4 : 1e-3, WeightDecay = 1e-2, WarmupSteps = steps / 20, ValidateEvery = steps / 8,
                },
            }.Completed(),
        };
        // What a plan writes, 'train' must take.
        _ = ExperimentFile.Parse(plan.ExperimentText, ExperimentName);
        return plan;
    }

    /// <summary>The experiment as text, every default written out.</summary>
    public string ExperimentText => ExperimentFile.ToYaml(Experiment);

    /// <summary>Writes plan.json, splits_final.json (nnU-Net's form), budgets.json and experiment.yaml; each appears whole or not at all, plan.json last.</summary>
    /// <param name="folder">The folder that <see cref="Make"/> was told; it is made where it is not there.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        DataSplit.Save(Path.Combine(folder, DataSplit.FileName), Folds);
        Budgets.Save(Path.Combine(folder, LabelBudgets.FileName));
        ExperimentFile.Write(Path.Combine(folder, ExperimentName), Experiment);
        PlanFile.WriteJson(Path.Combine(folder, FileName), new
        {
            Decisions,
            Fingerprint = new
            {
                MedianSpacing = Numbers(Fingerprint.MedianSpacing),
                MedianExtent = Numbers(Fingerprint.MedianExtent),
                Fingerprint.Intensities,
                Cases = Fingerprint.Cases.Select(one => new
                {
                    one.Id, one.Subject, Size = new[] { one.Size.X, one.Size.Y, one.Size.Z }, Spacing = Numbers(one.Spacing), one.ForegroundVoxels, one.Present, one.PositiveShare,
                }),
            },
        });
    }

    private static double[] Numbers(Double3 values) => [values.X, values.Y, values.Z];

    private static void RequireWeights(string? path)
    {
        if (path is null)
            return;
        if (!Path.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected SAM-Med3D's weights.", path);
        using var checkpoint = Checkpoint.Open(path);
        if (WeightFamily.Recognise(checkpoint.Tensors).WhyRefused(ModelFamily.SamMed3DEncoder) is { } reason)
            throw new InvalidDataException($"{path} cannot be planned for: {reason}");
    }

    private static (IReadOnlyList<DataFold> Folds, string Reason) FoldsOf(DatasetManifest manifest, DatasetFingerprint fingerprint, PlanOptions options)
    {
        string existing = Path.Combine(manifest.Root, DataSplit.FileName);
        if (manifest.OwnFold is { } own)
            return ([own], $"the split that {manifest.Source} prescribes");
        if (File.Exists(existing) && options.SubjectPattern is null)
            return (DataSplit.Open(existing, manifest.TrainingCases.Select(one => one.Id)).Folds, $"those of {existing}, so that results compare with others' on it");
        int subjects = fingerprint.Cases.Select(one => one.Subject).Distinct(StringComparer.Ordinal).Count();
        if (subjects < options.FoldCount)
            throw new InvalidDataException($"{manifest.Source}: has {subjects} training subjects for {options.FoldCount} folds; take fewer folds.");
        var validation = StratifiedFolds.Deal(fingerprint.Cases, options.FoldCount, options.Seed);
        return ([.. validation.Select(ids => new DataFold([.. fingerprint.Cases.Select(one => one.Id).Except(ids).Order(StringComparer.Ordinal)], ids))],
            $"{fingerprint.Cases.Count} cases of {subjects} subjects, no subject on both sides, every class shared out evenly, seed {options.Seed}");
    }

    private static Size3 SizeAt(DatasetFingerprint fingerprint, Double3 spacing)
    {
        int Along(int axis) => Math.Max(1, (int)Math.Round(RobustRange.MedianOf([.. fingerprint.Cases.Select(one => one.Size[axis] * one.Spacing[axis] / spacing[axis])])));
        return new Size3(Along(0), Along(1), Along(2));
    }

    private static string SubjectOf(string id, string pattern)
    {
        var match = Regex.Match(id, pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        if (!match.Success)
            throw new InvalidDataException($"The case {id} has no subject by the pattern '{pattern}'.");
        return match.Groups.Count > 1 ? match.Groups[1].Value : match.Value;
    }

    /// <summary>A name that a folder can have.</summary>
    private static string NameOf(string name)
    {
        string letters = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' ? letter : '-')).Trim('.', '-');
        return letters.Length == 0 ? "unetr" : letters;
    }
}
