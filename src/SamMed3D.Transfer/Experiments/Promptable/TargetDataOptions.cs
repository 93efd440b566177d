namespace SamMed3D.Transfer;

/// <summary>Where the targets (a label of a case each) of a promptable model come from.</summary>
public sealed record TargetDataOptions
{
    /// <summary>The data set's folder, with its dataset.json; relative to the current directory.</summary>
    public required string Root { get; init; }

    /// <summary>The fold to validate on, counted from 0.</summary>
    public int Fold { get; init; }

    /// <summary>Folds to make where the data set has no splits_final.json.</summary>
    public int FoldCount { get; init; } = 5;

    /// <summary>A file with the folds, in the form of nnU-Net's splits_final.json, as <c>sammed3d plan</c> makes it; null for the data set's own.</summary>
    public string? Splits { get; init; }

    /// <summary>Trains on the targets of a part of the fold's training cases alone; null for all of them.</summary>
    public TrainingBudget? Budget { get; init; }

    /// <summary>mm between voxels, along x, y and z. SAM-Med3D works at 1.5.</summary>
    public Double3 Spacing { get; init; } = 1.5;

    /// <summary>Targets with fewer voxels at that spacing are left out. SAM-Med3D leaves out 500 and fewer.</summary>
    public int MinimumVoxels { get; init; } = 501;

    /// <summary>
    /// By how many voxels, at most, the middle of a training region lies off the middle of its target along each axis. 0, as published, always
    /// shows the target in the middle; but where a user clicks, it is not.
    /// </summary>
    public int MaximumShift { get; init; }

    /// <summary>Which axes are mirrored at random: all three, as published.</summary>
    public RandomFlipOptions Flips { get; init; } = new() { Axes = [0, 1, 2] };

    /// <summary>
    /// How training regions are varied besides: a word (none, intensity, standard), or a group with those that are wanted, such as rotation and gamma.
    /// </summary>
    public AugmentationOptions Augmentation { get; init; } = AugmentationPreset.None;

    /// <summary>
    /// Folder in which resampled cases are kept from run to run, and from which regions are read; relative to the current directory. None (null)
    /// keeps them in memory and prepares them at every start.
    /// </summary>
    public string? Cache { get; init; }

    /// <summary>Threads that make the next batches while a step computes; 0 for none. The batches are the same whatever their number.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Batches that may be ready or in the making: what the workers may take of memory.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public TargetDataOptions Validated()
    {
        if (string.IsNullOrWhiteSpace(Root))
            throw new ArgumentException("Root is empty; give the folder of a data set.", nameof(Root));
        if (FoldCount < 2)
            throw new ArgumentException($"FoldCount is {FoldCount}; expected 2 or more.", nameof(FoldCount));
        if (Fold < 0)
            throw new ArgumentException($"Fold is {Fold}; folds are counted from 0.", nameof(Fold));
        if (!(Spacing.X > 0 && Spacing.Y > 0 && Spacing.Z > 0))
            throw new ArgumentException($"Spacing is {Spacing}; expected more than 0 mm.", nameof(Spacing));
        if (MinimumVoxels < 1)
            throw new ArgumentException($"MinimumVoxels is {MinimumVoxels}; a target has a voxel at least.", nameof(MinimumVoxels));
        if (MaximumShift < 0)
            throw new ArgumentException($"MaximumShift is {MaximumShift}; it must not be negative.", nameof(MaximumShift));
        LoaderOptions.Require(Cache, Workers, Prefetch);
        return this;
    }

    /// <summary>What is done to whole images; regions are normalised one by one.</summary>
    internal PreprocessingOptions Preprocessing => new() { Spacing = Spacing, Normalization = Normalization.None };
}
