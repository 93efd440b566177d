namespace SamMed3D.Transfer;

/// <summary>What a load may do beyond copying equal shapes. The default allows nothing: what was asked for must all be there and fit.</summary>
public sealed record LoadPolicy
{
    /// <summary>The name, in <see cref="AllowMissing"/> and <see cref="KeepInitial"/>, of everything outside of the encoder.</summary>
    public const string Decoder = "decoder";

    /// <summary>Everything asked for must be there and have the same shape.</summary>
    public static LoadPolicy Refuse { get; } = new();

    /// <summary>What inflation needs: position tables are resized, and one channel sees what three equal ones would.</summary>
    public static LoadPolicy Inflating { get; } = new() { ResizePositions = true, InputChannels = InputChannelPolicy.MeanPreserving };

    /// <summary>Whether position tables of another size are resized (<see cref="PositionResizing"/>).</summary>
    public bool ResizePositions { get; init; }

    /// <summary>What is done when the source takes another number of input channels (<see cref="InputChannelPolicy"/>).</summary>
    public InputChannelPolicy InputChannels { get; init; }

    /// <summary>
    /// Name prefixes of parameters that may be missing in the source and then keep their initial values; an empty prefix allows all,
    /// "decoder" everything outside of the encoder.
    /// </summary>
    public IReadOnlyList<string> AllowMissing { get; init; } = [];

    /// <summary>
    /// Name prefixes of parameters that keep their initial values whatever the source holds, such as "out." where the classes are others;
    /// "decoder" is everything outside of the encoder.
    /// </summary>
    public IReadOnlyList<string> KeepInitial { get; init; } = [];

    /// <summary>The fraction of the elements asked for, 0 to 1, that the source must fill.</summary>
    public double MinimumCoverage { get; init; }

    /// <summary>This, when it makes sense.</summary>
    /// <exception cref="ArgumentException">The coverage is not a fraction.</exception>
    public LoadPolicy Validated() => MinimumCoverage is >= 0 and <= 1
        ? this
        : throw new ArgumentException($"MinimumCoverage must be between 0 and 1, got {MinimumCoverage}.");
}
