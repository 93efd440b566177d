namespace SamMed3D.Transfer;

/// <summary>What one model scores on one case. A class that is in neither truth nor prediction has no score: NaN.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Dice">Dice of classes 1, 2, ... in this order, from 0 to 1.</param>
public sealed record CaseResult(string CaseId, IReadOnlyList<double> Dice)
{
    /// <summary>Normalized surface Dice of the same classes, from 0 to 1; null where it was not computed.</summary>
    public IReadOnlyList<double>? SurfaceDice { get; init; }

    /// <summary>The 95th percentile of the surface distance of the same classes, in mm, infinite to a structure that is not there; null where it was not computed.</summary>
    public IReadOnlyList<double>? Hausdorff95 { get; init; }

    /// <summary>Mean Dice of the classes that have one; NaN when none has.</summary>
    public double MeanDice() => Mean(Dice);

    /// <summary>Mean surface Dice of the classes that have one; NaN when none has.</summary>
    public double MeanSurfaceDice() => Mean(SurfaceDice ?? []);

    /// <summary>Takes over an evaluation's Dice, and its surface scores where there are some.</summary>
    public static CaseResult Of(CaseScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return new CaseResult(scores.CaseId, [.. scores.Classes.Select(score => score.Value)])
        {
            SurfaceDice = scores.Surfaces is { } surfaces ? [.. surfaces.Select(surface => surface.SurfaceDice)] : null,
            Hausdorff95 = scores.Surfaces is { } distances ? [.. distances.Select(surface => surface.Hausdorff95)] : null,
        };
    }

    private static double Mean(IReadOnlyList<double> values) => ScoreMean.Of(values.Select(value => double.IsFinite(value) ? value : double.NaN));
}
