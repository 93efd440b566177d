namespace SamMed3D.Transfer;

/// <summary>What <see cref="CheckpointConversion"/> changes beside the container. By default nothing: every value keeps its bits.</summary>
public sealed record ConversionOptions
{
    /// <summary>Taken away from the beginning of each name that has it, such as "module."; null or empty for nothing.</summary>
    public string? StripPrefix { get; init; }

    /// <summary>The type of every floating-point tensor; integers and booleans stay. Null keeps each as it is.</summary>
    public ScalarType? DType { get; init; }

    /// <summary>The key of the state dict in a .pth; null for a bare state dict, which has no place for a manifest.</summary>
    public string? Section { get; init; } = "model_state_dict";

    /// <summary>Whether an old target is replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public ConversionOptions Validated() => DType is null or ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16
        ? this
        : throw new ArgumentException($"DType is {DType}; expected Float64, Float32, Float16 or BFloat16.", nameof(DType));
}
