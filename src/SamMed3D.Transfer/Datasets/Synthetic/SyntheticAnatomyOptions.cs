namespace SamMed3D.Transfer;

/// <summary>How many synthetic cases to make, and how large.</summary>
public sealed record SyntheticAnatomyOptions
{
    /// <summary>Cases for training and validation.</summary>
    public int TrainingCases { get; init; } = 16;

    /// <summary>Cases for testing; they have labels too.</summary>
    public int TestCases { get; init; } = 4;

    /// <summary>
    /// Voxels of a typical case along left-right, back-front, feet-head; a case differs from it by up to a sixteenth. The field of view
    /// stays that of a torso (about 320 x 270 x 225 mm), so the size decides the spacing: about 5 x 4.8 x 7 mm.
    /// </summary>
    public Size3 Size { get; init; } = new(64, 56, 32);

    /// <summary>Same seed, same files.</summary>
    public long Seed { get; init; }

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public SyntheticAnatomyOptions Validated()
    {
        if (TrainingCases < 1 || TestCases < 0)
            throw new ArgumentException($"Expected a training case or more and no negative number of test cases, got {TrainingCases} and {TestCases}.");
        if (Size.X < 8 || Size.Y < 8 || Size.Z < 8)
            throw new ArgumentException($"Expected a Size of 8 voxels or more on each axis, got {Size}.");
        return this;
    }
}
