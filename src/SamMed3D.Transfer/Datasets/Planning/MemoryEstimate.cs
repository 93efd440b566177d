namespace SamMed3D.Transfer;

/// <summary>
/// What the training of a UNETR takes, in float32, before there is one: <see cref="MemoryNeed"/> with the parameters counted from the sizes, without data.
/// </summary>
internal static class MemoryEstimate
{
    /// <returns>In GB (2^30 bytes).</returns>
    public static double GB(UnetrOptions model, int batchSize)
    {
        long parameters = (long)Parameters(model) * sizeof(float);
        return new MemoryNeed
        {
            Parameters = parameters, Gradients = parameters, Optimizer = 2 * parameters,
            Activations = (long)ActivationEstimate.OfTraining(model, new StepSettings(batchSize)),
        }.Total / (double)(1L << 30);
    }

    private static double Parameters(UnetrOptions model)
    {
        var backbone = model.Backbone;
        double width = backbone.EmbeddingWidth, features = model.FeatureSize, mlpRatio = backbone is EncoderOptions { MlpRatio: var ratio } ? ratio : 4;
        double encoder = backbone.BlockCount * (4 + 2 * mlpRatio) * width * width
            + width * (Math.Pow(backbone.PatchSize, 3) * backbone.InputChannels + backbone.Grid.Count);
        double decoder = Enumerable.Range(0, model.LevelCount + 1).Sum(level =>
        {
            double channels = features * Math.Pow(2, level);
            return 27 * 6 * channels * channels + 8 * width * channels;
        });
        return encoder + decoder;
    }
}
