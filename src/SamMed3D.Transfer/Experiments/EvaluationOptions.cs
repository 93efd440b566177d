namespace SamMed3D.Transfer;

/// <summary>What is measured of label files, and how structures count that are not there.</summary>
public sealed record EvaluationOptions
{
    /// <summary>How surfaces are compared; null leaves them out.</summary>
    public SurfaceOptions? Surfaces { get; init; } = new();

    /// <summary>What becomes of a structure that is in neither truth nor prediction of a case.</summary>
    public EmptyStructures Empty { get; init; } = EmptyStructures.Agree;
}
