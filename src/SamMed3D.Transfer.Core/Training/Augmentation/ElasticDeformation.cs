namespace SamMed3D.Transfer;

/// <summary>
/// Bends a patch smoothly: a grid of control points is moved at random, and a cubic B-spline carries the moves to the voxels between them (Rueckert
/// et al., "Nonrigid registration using free-form deformations", IEEE TMI 1999).
/// </summary>
public sealed record ElasticDeformation
{
    // Choi and Lee, "Injectivity conditions of 2D and 3D uniform cubic B-spline functions", Graphical Models 2000: below 1 / 2.48 nothing folds over.
    private const double LargestShare = 0.4;

    /// <summary>Share of the patches that are bent.</summary>
    public double Probability { get; init; } = 0.2;

    /// <summary>Distance of the control points, in mm.</summary>
    public double ControlSpacing { get; init; } = 32;

    /// <summary>How far a control point may be moved along each axis, in mm, either way: drawn for the patch, then for each point up to it.</summary>
    public ValueRange Displacement { get; init; } = new(0, 6);

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public ElasticDeformation Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        if (!(ControlSpacing > 0 && double.IsFinite(ControlSpacing)))
            throw new ArgumentException(FormattableString.Invariant($"ControlSpacing is {ControlSpacing}; expected more than 0 mm."));
        if (!(Displacement.Low >= 0 && Displacement.Low <= Displacement.High && Displacement.High <= LargestShare * ControlSpacing))
            throw new ArgumentException(FormattableString.Invariant(
                $"Displacement is {Displacement} mm; expected 0 to {LargestShare * ControlSpacing} mm, {LargestShare} of ControlSpacing, beyond which the image would fold over."));
        return this;
    }

    /// <summary>The field over a patch.</summary>
    internal DisplacementField Draw(Size3 size, Double3 spacing, RandomStream random) =>
        new(size, spacing, ControlSpacing, Displacement.Draw(random), random);
}
