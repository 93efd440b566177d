namespace SamMed3D.Transfer;

/// <summary>One parameter of a model and how it learns.</summary>
/// <param name="Name">Its name in the state dict.</param>
/// <param name="Parameter">The parameter; it is the model's.</param>
/// <param name="Place">Where it sits.</param>
public sealed record LearningParameter(string Name, Parameter Parameter, ParameterPlace Place)
{
    /// <summary>The step, counted from 0, from which it learns; null when it never does.</summary>
    public long? LearnsFrom { get; init; }

    /// <summary>Whether the model computes nothing from it, such as the neck of an encoder under a UNETR.</summary>
    public bool IsUnused { get; init; }

    /// <summary>Whether it gets weight decay.</summary>
    public bool IsDecayed { get; init; }

    /// <summary>Its learning rate as a share of the run's.</summary>
    public double RateFraction { get; init; } = 1;
}
