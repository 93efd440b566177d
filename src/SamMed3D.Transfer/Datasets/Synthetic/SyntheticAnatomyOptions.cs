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

    /// <summary>The data set's name in its dataset.json: SyntheticAnatomy, and what tells it from others, in letters, digits and dashes.</summary>
    public string Name { get; init; } = SyntheticAnatomy.Name;

    /// <summary>Standard deviation of a case's noise, in HU; drawn per case.</summary>
    public ValueRange Noise { get; init; } = new(9, 20);

    /// <summary>How much contrast medium is in the vessels and organs, from 0 (none) to 1 (arterial phase); drawn per case.</summary>
    public ValueRange Contrast { get; init; } = new(0.15, 1);

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
        // Nobody shall take it for patients' data, nor the comparison for data that a released model may have seen.
        if (!Name.StartsWith(SyntheticAnatomy.Name, StringComparison.Ordinal) || Name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter != '-'))
            throw new ArgumentException($"Name is '{Name}'; expected {SyntheticAnatomy.Name}, then letters, digits and dashes.");
        if (!(Noise.Low >= 0 && Noise.Low <= Noise.High && double.IsFinite(Noise.High)))
            throw new ArgumentException(FormattableString.Invariant($"Noise is {Noise.Low} to {Noise.High} HU; expected 0 or more, the lower first."));
        if (!(Contrast.Low >= 0 && Contrast.Low <= Contrast.High && Contrast.High <= 1))
            throw new ArgumentException(FormattableString.Invariant($"Contrast is {Contrast.Low} to {Contrast.High}; expected 0 to 1, the lower first."));
        return this;
    }
}
