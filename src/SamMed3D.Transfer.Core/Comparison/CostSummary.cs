namespace SamMed3D.Transfer;

/// <summary>What the runs of an arm cost; NaN or null where it was not measured.</summary>
/// <param name="RunCount">Runs.</param>
/// <param name="MeanWallSeconds">Mean wall time of a run, in seconds.</param>
/// <param name="DeviceHours">Device hours of all its runs together.</param>
/// <param name="PeakMemoryBytes">The most memory that any of its runs held, in bytes.</param>
/// <param name="TrainableParameters">Parameters that learn.</param>
/// <param name="TotalParameters">All parameters.</param>
public sealed record CostSummary(
    int RunCount, double MeanWallSeconds, double DeviceHours, long? PeakMemoryBytes, long? TrainableParameters, long? TotalParameters)
{
    /// <summary>The fraction of the parameters that learn; NaN where it is not known.</summary>
    public double TrainableFraction() => TrainableParameters is { } learning && TotalParameters is { } all and > 0 ? (double)learning / all : double.NaN;

    /// <summary>Sums up runs.</summary>
    public static CostSummary Of(IReadOnlyList<ComparedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return new CostSummary(
            runs.Count,
            ScoreMean.Of(runs.Select(run => run.Cost.WallSeconds)),
            // One run without a measurement leaves the sum unknown rather than too small.
            runs.Sum(run => run.Cost.DeviceHours),
            runs.Max(run => run.Cost.PeakMemoryBytes),
            runs.Max(run => run.Cost.TrainableParameters),
            runs.Max(run => run.Cost.TotalParameters));
    }
}
