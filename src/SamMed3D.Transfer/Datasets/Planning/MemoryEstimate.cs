namespace SamMed3D.Transfer;

/// <summary>
/// What a training step of a UNETR takes, in float32. An estimate:
/// <c>0.4 GB + 16 bytes x parameters + batch x (45 x 4 bytes x features x voxels x 4/3 + blocks x (tokens x width x 4 bytes x (12 + 3 mlpRatio) + 2 x 4 bytes x
/// heads x pairs))</c>.
/// </summary>
/// <remarks>
/// 0.4 GB is the process. A parameter has its value, its gradient and AdamW's two moments. The decoder keeps about 45 maps at full resolution for the backward
/// pass (measured: 1.6 GB for 48 x 64 x 48 voxels, 16 features, batch 2; 3.8 GB for SAM-Med3D's encoder at 64^3, batch 2), and each coarser level has twice the
/// channels on an eighth of the voxels, which adds up to a third. A block of the encoder keeps about 12 maps of the tokens, 3 of the MLP, and attention of
/// every pair of tokens before and after the softmax. Pairs are tokens squared in global blocks, windows squared times windows elsewhere.
/// </remarks>
internal static class MemoryEstimate
{
    private const double BaseBytes = 0.4 * (1L << 30), BytesOfParameter = 16, MapsOfDecoder = 45, ShareOfCoarserLevels = 4.0 / 3, MapsOfBlock = 12, MapsOfMlp = 3;

    /// <returns>In GB (2^30 bytes).</returns>
    public static double GB(UnetrOptions model, int batchSize)
    {
        var backbone = model.Backbone;
        double voxels = backbone.ImageSize.Count, tokens = backbone.Grid.Count, width = backbone.EmbeddingWidth;
        double mlpRatio = backbone is EncoderOptions encoder ? encoder.MlpRatio : 4;
        double decoder = MapsOfDecoder * sizeof(float) * model.FeatureSize * voxels * ShareOfCoarserLevels;
        double blocks = Enumerable.Range(0, backbone.BlockCount).Sum(block =>
            tokens * width * sizeof(float) * (MapsOfBlock + MapsOfMlp * mlpRatio) + 2 * sizeof(float) * backbone.HeadCount * Pairs(backbone, block));
        return (BaseBytes + BytesOfParameter * Parameters(model, mlpRatio) + batchSize * (decoder + blocks)) / (1L << 30);
    }

    private static double Pairs(BackboneOptions backbone, int block)
    {
        double tokens = backbone.Grid.Count;
        if (backbone is not EncoderOptions encoder || encoder.IsGlobal(block))
            return tokens * tokens;
        double window = Enumerable.Range(0, 3).Aggregate(1.0, (product, axis) => product * Math.Min(encoder.WindowSize, backbone.Grid[axis]));
        return tokens * window;
    }

    private static double Parameters(UnetrOptions model, double mlpRatio)
    {
        var backbone = model.Backbone;
        double width = backbone.EmbeddingWidth, features = model.FeatureSize;
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
