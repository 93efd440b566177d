namespace SamMed3D.Transfer;

/// <summary>How fast a training came near its best.</summary>
public static class Convergence
{
    /// <summary>The fraction of the best Dice that counts as near.</summary>
    public const double Fraction = 0.95;

    /// <summary>The first step whose validation reaches 95 % of the best of the same run; null without a finite validation above 0.</summary>
    /// <remarks>It tells how fast, not how good: a run that never learns much reaches 95 % of that early.</remarks>
    public static long? StepsToNearBest(IReadOnlyList<CurvePoint> curve)
    {
        ArgumentNullException.ThrowIfNull(curve);
        CurvePoint[] points = [.. curve.Where(point => double.IsFinite(point.Dice)).OrderBy(point => point.Step)];
        double best = points.Select(point => point.Dice).DefaultIfEmpty(0).Max();
        return best > 0 ? points.First(point => point.Dice >= Fraction * best).Step : null;
    }
}
