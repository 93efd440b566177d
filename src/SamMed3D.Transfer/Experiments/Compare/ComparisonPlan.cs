namespace SamMed3D.Transfer;

/// <summary>A comparison as its file says: arms x folds x seeds x label budgets.</summary>
public sealed record ComparisonPlan
{
    /// <summary>Names the comparison and its folder: letters, digits, dots, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>The experiment file that the arms share.</summary>
    public required string Experiment { get; init; }

    /// <summary>Changes for all arms, each <c>path.to.key=value</c>, the value in YAML; an arm's own come after them.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>The arms, the baseline among them.</summary>
    public required IReadOnlyList<ComparedStart> Arms { get; init; } = [];

    /// <summary>The arm that the others are compared with; null for the first.</summary>
    public string? Baseline { get; init; }

    /// <summary>Folds to validate on, each from 0.</summary>
    public IReadOnlyList<int> Folds { get; init; } = [0];

    /// <summary>Seeds of each arm. With one alone, a lucky start cannot be told from a better one.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [1, 2];

    /// <summary>Percents of the training subjects to train on, where there is a <see cref="BudgetFile"/>.</summary>
    public IReadOnlyList<int> Budgets { get; init; } = [100];

    /// <summary>The budgets.json of a plan; null to train on all cases.</summary>
    public string? BudgetFile { get; init; }

    /// <summary>Tolerance of the surface Dice, in mm.</summary>
    public double SurfaceTolerance { get; init; } = 2;

    /// <summary>Whether the compared weights are known to have seen the data, whatever lists say; null to look it up.</summary>
    public SeenStatus? Seen { get; init; }

    /// <summary>Folder in which the comparison gets a folder of its own; relative to the current directory.</summary>
    public string Output { get; init; } = "runs";

    /// <summary>The comparison's folder.</summary>
    public string Folder => Path.Combine(Output, Name);

    /// <summary>The folds of a data set that has none of its own.</summary>
    internal string SplitsPath => Path.Combine(Folder, DataSplit.FileName);

    /// <summary>The name of the baseline.</summary>
    public string BaselineName => Baseline ?? Arms[0].Name;

    /// <summary>Every run, arm by arm within each budget, fold and seed, so that an interrupted comparison has whole rows.</summary>
    public IReadOnlyList<ComparisonCell> Cells() =>
    [
        .. from budget in Budgets from fold in Folds from seed in Seeds from arm in Arms
           select new ComparisonCell(this, arm, fold, seed, BudgetFile is null ? null : budget),
    ];

    /// <summary>What an arm differs in from the baseline beside network, start and freezing, each such as "training.learningRate: 0.01 instead of 0.001".</summary>
    /// <exception cref="ExperimentFileException">The file of one of the two, or its changes, do not fit; every problem is listed.</exception>
    public IReadOnlyList<string> OtherDifferences(ComparedStart arm)
    {
        ArgumentNullException.ThrowIfNull(arm);
        return ArmDifferences.Of(FirstOf(arm.Name).CreateExperiment(), FirstOf(BaselineName).CreateExperiment());
    }

    /// <summary>The first run of an arm, which shows what all of them are.</summary>
    internal ComparisonCell FirstOf(string arm) => Cells().First(cell => cell.Arm.Name == arm);

    /// <summary>This plan, when it makes sense.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public ComparisonPlan Validated()
    {
        foreach (var (name, key) in Arms.Select(arm => (arm.Name, nameof(Arms))).Prepend((Name, nameof(Name))))
            if (!IsFolderName(name))
                throw new ArgumentException($"{key} has '{name}', which names a folder: use letters, digits, dots, dashes and underscores.", key);
        if (Arms.Count < 2)
            throw new ArgumentException($"Arms are {Arms.Count}; a comparison needs two or more.", nameof(Arms));
        if (Arms.GroupBy(arm => arm.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Arms has two named {twice.Key}.", nameof(Arms));
        if (Baseline is { } baseline && !Arms.Any(arm => arm.Name == baseline))
            throw new ArgumentException($"Baseline {baseline} is none of the arms: {string.Join(", ", Arms.Select(arm => arm.Name))}.", nameof(Baseline));
        if (Folds.Count == 0 || Folds.Any(fold => fold < 0) || Folds.Distinct().Count() != Folds.Count)
            throw new ArgumentException("Folds must be different numbers from 0, one or more.", nameof(Folds));
        if (Seeds.Count == 0 || Seeds.Distinct().Count() != Seeds.Count)
            throw new ArgumentException("Seeds must be different numbers, one or more.", nameof(Seeds));
        if (Budgets.Count == 0 || Budgets.Any(percent => percent is < 1 or > 100) || Budgets.Distinct().Count() != Budgets.Count)
            throw new ArgumentException("Budgets must be different percents from 1 to 100, one or more.", nameof(Budgets));
        if (BudgetFile is null && Budgets is not [100])
            throw new ArgumentException("Budgets needs budgetFile, the budgets.json that 'sammed3d plan' writes.", nameof(Budgets));
        if (!(SurfaceTolerance >= 0) || !double.IsFinite(SurfaceTolerance))
            throw new ArgumentException(FormattableString.Invariant($"SurfaceTolerance is {SurfaceTolerance}; expected 0 mm or more."), nameof(SurfaceTolerance));
        return this;
    }

    /// <summary>Without a name, which is said elsewhere, there is nothing wrong with it.</summary>
    private static bool IsFolderName(string? name) =>
        name is null || (name.Length > 0 && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'));

    /// <summary>Reads a comparison file.</summary>
    /// <param name="path">YAML.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>, the value in YAML; later ones win.</param>
    /// <exception cref="ExperimentFileException">Something does not fit; every problem is listed.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ComparisonPlan Read(string path, IReadOnlyList<string>? overrides = null) =>
        ConfigFile.Read<ComparisonPlan>(ExperimentFile.TextOf(path, "a comparison"), path, overrides ?? [], new ConfigSchema());
}
