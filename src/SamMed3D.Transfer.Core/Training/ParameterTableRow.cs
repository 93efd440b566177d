namespace SamMed3D.Transfer;

/// <summary>One part of a model in a <see cref="ParameterTable"/>.</summary>
/// <param name="Part">Such as "patch embedding and positions", "blocks 0-11", "neck" or "head".</param>
/// <param name="Parameters">Values in it.</param>
/// <param name="Trained">Values of these that learn at some step.</param>
public sealed record ParameterTableRow(string Part, long Parameters, long Trained)
{
    /// <summary>How much of the part learns, in percent.</summary>
    public double Percent => Parameters == 0 ? 0 : 100.0 * Trained / Parameters;

    /// <summary>The step, counted from 0, from which the first of it learns; null when none does.</summary>
    public long? LearnsFrom { get; init; }

    /// <summary>The learning rate as a share of the run's.</summary>
    public double RateFraction { get; init; } = 1;

    /// <summary>Whether the model computes nothing from it.</summary>
    public bool IsUnused { get; init; }
}
