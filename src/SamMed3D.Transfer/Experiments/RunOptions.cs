namespace SamMed3D.Transfer;

/// <summary>What every run has, whatever it trains.</summary>
public abstract record RunOptions
{
    /// <summary>Names the run and its folder: letters, digits, dots, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of everything random in the run.</summary>
    public long Seed { get; init; }

    /// <summary>Where the run computes.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;

    /// <summary>Folder in which the run gets a folder of its own; relative to the current directory.</summary>
    public string Output { get; init; } = "runs";

    /// <summary>Minutes after which the state to go on from is saved anew, beside each validation; they do not change the numbers.</summary>
    public double SaveMinutes { get; init; } = 10;

    /// <summary>How many of the best weights are kept: best.safetensors, and with 2 or more also checkpoints/step-N.safetensors.</summary>
    public int KeepBest { get; init; } = 1;
}
