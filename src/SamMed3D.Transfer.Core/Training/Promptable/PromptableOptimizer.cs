namespace SamMed3D.Transfer;

/// <summary>
/// SAM-Med3D's optimizer: AdamW in three groups, image encoder, prompt encoder and mask decoder, the heads at a fraction of the rate.
/// As published, every parameter is decayed, biases and norms too.
/// </summary>
public static class PromptableOptimizer
{
    /// <summary>The published rate of both heads, as a share of the image encoder's.</summary>
    public const double PublishedHeadFraction = 0.1;

    /// <summary>Builds the optimizer after the model is on its device; the caller owns it. Frozen parameters belong to no group.</summary>
    /// <param name="model">The model.</param>
    /// <param name="learningRate">Of the image encoder.</param>
    /// <param name="weightDecay">Decoupled, of every parameter.</param>
    /// <param name="headFraction">The rate of both heads, as a share of the image encoder's.</param>
    /// <exception cref="ArgumentException">Nothing of the model is trained.</exception>
    public static AdamW Create(PromptableModel model, double learningRate = 8e-4, double weightDecay = 0.1, double headFraction = PublishedHeadFraction)
    {
        ArgumentNullException.ThrowIfNull(model);
        AdamW.ParamGroup[] groups = [.. Parts(model, headFraction)
            .Select(part => (Trained: part.Part.parameters().Where(parameter => parameter.requires_grad).ToList(), part.Fraction))
            .Where(part => part.Trained.Count > 0)
            .Select(part => new AdamW.ParamGroup(part.Trained, lr: learningRate * part.Fraction, weight_decay: weightDecay))];
        if (groups.Length == 0)
            throw new ArgumentException("The model has no parameter that wants a gradient; unfreeze what is to be trained.", nameof(model));
        return optim.AdamW(groups, lr: learningRate, weight_decay: weightDecay);
    }

    /// <summary>Sets the rate of every group that <see cref="Create"/> made.</summary>
    /// <param name="optimizer">Made for this model.</param>
    /// <param name="model">The model.</param>
    /// <param name="learningRate">Of the image encoder.</param>
    /// <param name="headFraction">The rate of both heads, as a share of the image encoder's.</param>
    public static void SetRate(AdamW optimizer, PromptableModel model, double learningRate, double headFraction = PublishedHeadFraction)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(model);
        double[] fractions = [.. Parts(model, headFraction).Where(part => part.Part.parameters().Any(parameter => parameter.requires_grad)).Select(part => part.Fraction)];
        foreach (var (group, fraction) in optimizer.ParamGroups.Zip(fractions))
            group.LearningRate = learningRate * fraction;
    }

    private static (Module Part, double Fraction)[] Parts(PromptableModel model, double headFraction) =>
        [(model.ImageEncoder, 1), (model.PromptEncoder, headFraction), (model.MaskDecoder, headFraction)];
}
