namespace SamMed3D.Transfer;

/// <summary>Which data a run learns from, and how it is brought into shape.</summary>
public sealed record DataOptions
{
    /// <summary>
    /// The data set: a folder that <see cref="DatasetManifest.Open"/> knows, or a list of cases (.csv, .json). Relative to the current directory.
    /// </summary>
    public required string Root { get; init; }

    /// <summary>The fold to validate on, counted from 0.</summary>
    public int Fold { get; init; }

    /// <summary>Folds to make where the data set has no splits_final.json.</summary>
    public int FoldCount { get; init; } = 5;

    /// <summary>A file with the folds, in the form of nnU-Net's splits_final.json, as <c>sammed3d plan</c> makes it; null for the data set's own.</summary>
    public string? Splits { get; init; }

    /// <summary>Trains on a part of the fold's training cases alone; null for all of them.</summary>
    public TrainingBudget? Budget { get; init; }

    /// <summary>
    /// What label values mean where they mean overlapping regions; filled in from the data set, and kept for prediction. Null for classes.
    /// </summary>
    public LabelScheme? Labels { get; init; }

    /// <summary>What is done to images before the network sees them.</summary>
    public PreprocessingOptions Preprocessing { get; init; } = new();

    /// <summary>How training patches are cut. Their size is the model's image size.</summary>
    public PatchOptions Patches { get; init; } = new();

    /// <summary>Which axes are mirrored at random: none unless named, since flips may swap what classes mean.</summary>
    public RandomFlipOptions Flips { get; init; } = new();

    /// <summary>
    /// How training patches are varied besides: a word (none, intensity, standard), or a group with those that are wanted, such as rotation and gamma.
    /// </summary>
    public AugmentationOptions Augmentation { get; init; } = AugmentationPreset.None;

    /// <summary>
    /// Folder in which preprocessed cases are kept from run to run, and from which patches are read; relative to the current directory. None
    /// (null) keeps the cases in memory and prepares them at every start: right for what fits there, and no run leaves gigabytes behind unasked.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>Threads that make the next batches while a step computes; 0 for none. The batches are the same whatever their number.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Batches that may be ready or in the making: what the workers may take of memory.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public DataOptions Validated()
    {
        if (string.IsNullOrWhiteSpace(Root))
            throw new ArgumentException("Root is empty; give the folder of a data set.", nameof(Root));
        if (FoldCount < 2)
            throw new ArgumentException($"FoldCount is {FoldCount}; expected 2 or more.", nameof(FoldCount));
        if (Fold < 0)
            throw new ArgumentException($"Fold is {Fold}; folds are counted from 0.", nameof(Fold));
        LoaderOptions.Require(Cache, Workers, Prefetch);
        return this;
    }
}
