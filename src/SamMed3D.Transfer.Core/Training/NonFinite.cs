namespace SamMed3D.Transfer;

/// <summary>Finds what made a loss or a gradient infinite or no number.</summary>
internal static class NonFinite
{
    /// <returns>What is to blame, in half a sentence.</returns>
    public static string Find(TrainingBatch batch, IEnumerable<LearningParameter> parameters, bool isLoss)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (Holds(batch.Images))
            return "the images are not finite";
        if (parameters.FirstOrDefault(one => Holds(one.Parameter)) is { } weight)
            return $"the weights {weight.Name} are not finite";
        if (!isLoss && parameters.LastOrDefault(one => one.Parameter.grad is { } gradient && Holds(gradient)) is { } first)
            return $"images and weights are finite, the gradient of {first.Name} is not";
        return "images and weights are finite, what the model makes of them is not";
    }

    private static bool Holds(Tensor values) => !values.isfinite().all().item<bool>();
}
