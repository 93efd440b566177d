namespace SamMed3D.Transfer;

/// <summary>
/// Trades time for memory (Chen et al., arXiv 1604.06174): the blocks of an encoder keep only their inputs, and are computed a second time when their
/// gradients are asked for. Outputs and gradients stay the same.
/// </summary>
public static class GradientCheckpointing
{
    /// <summary>Switches it on or off for every encoder in a model.</summary>
    /// <param name="model">An encoder of this library, or a model around one.</param>
    /// <param name="isOn">Whether blocks are computed twice.</param>
    /// <exception cref="ArgumentException">It is to be on, but there is no encoder of this library in the model.</exception>
    public static void Apply(Module model, bool isOn)
    {
        ArgumentNullException.ThrowIfNull(model);
        List<Backbone> encoders = [.. new[] { model }.Concat(model.modules()).Distinct().OfType<Backbone>()];
        if (isOn && encoders.Count == 0)
            throw new ArgumentException($"A {model.GetName()} has no encoder of this library whose blocks could be checkpointed.", nameof(model));
        foreach (var encoder in encoders)
            encoder.IsCheckpointed = isOn;
    }
}
