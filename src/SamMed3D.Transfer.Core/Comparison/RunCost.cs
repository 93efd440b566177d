namespace SamMed3D.Transfer;

/// <summary>What a run cost. NaN or null where it was not measured.</summary>
public sealed record RunCost
{
    /// <summary>Wall time of the training with its validations, in seconds.</summary>
    public double WallSeconds { get; init; } = double.NaN;

    /// <summary>Wall time times the devices used, in hours.</summary>
    public double DeviceHours { get; init; } = double.NaN;

    /// <summary>The most memory held at once, in bytes: of the device where there is one, else of the process.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>Parameters that learn.</summary>
    public long? TrainableParameters { get; init; }

    /// <summary>All parameters.</summary>
    public long? TotalParameters { get; init; }

    /// <summary>Where it was measured, such as "cpu, 2 threads".</summary>
    public string Device { get; init; } = "";
}
