namespace SamMed3D.Transfer;

/// <summary>
/// What of a model's activations is in memory at once. Counted from the layers: a convolution block keeps the results of its convolutions (for its norms) and
/// of its ReLUs, a transformer block its maps of the tokens and of every pair of tokens. What comes and goes in the backward pass, copies in LibTorch's own
/// layouts among it, was fitted to the peaks of processes on a CPU: UNETRs of 32^3 to 96^3 voxels, 16 and 32 features, patches of 4 to 16, widths of 96 to 768, batches
/// of 1 and 2, with bfloat16 and checkpointing. Tests hold the estimate to 0.8 to 1.3 of such peaks. A model of another kind gets its own count here.
/// </summary>
internal static class ActivationEstimate
{
    /// <summary>A block of two normed convolutions and a projected shortcut: results of three convolutions, and of two ReLUs.</summary>
    private const double MapsOfBlock = 5;

    /// <summary>The same without a projection of the shortcut.</summary>
    private const double MapsOfPlainBlock = 4;

    /// <summary>Two skips side by side, kept by the first convolution, and the block that joins them.</summary>
    private const double MapsOfJoin = 2 + MapsOfBlock;

    /// <summary>Of the finest level, in the backward pass of its blocks; more where a second path runs through it.</summary>
    private const double PassingMaps = 13, PassingMapsWithSkips = 18;

    /// <summary>Of each class: logits, softmax and log-softmax, and their gradients. Labels have 8 bytes a voxel, in file and on the model's device.</summary>
    private const double MapsOfClass = 8, MapsOfLabels = 6;

    /// <summary>Maps of the tokens that a transformer block keeps: norms, queries, keys, values, attention, sums.</summary>
    private const double MapsOfTokens = 12;

    /// <summary>Maps of its MLP's width: before and after the GELU, and its gradient.</summary>
    private const double MapsOfMlp = 3;

    /// <summary>Maps of every pair of tokens: the bias, the scores, the softmax; and what its backward pass adds.</summary>
    private const double MapsOfPairs = 3, PassingMapsOfPairs = 6;

    /// <summary>Of what a transformer block keeps in mixed precision, norms, sums and biases are wide.</summary>
    private const double NarrowShareOfBlock = 0.6, NarrowShareOfDecoder = 0.5;

    /// <summary>The mask decoder of a promptable model, of its image tokens: two-way attention, and upscaling to 8 and 64 times as many of fewer channels.</summary>
    private const double MapsOfMaskDecoder = 50;

    /// <summary>Upsampled masks and their loss at the image's resolution, and the masks that go on to the next round, in values a voxel and a token.</summary>
    private const double MapsOfMaskLoss = 9, ValuesOfMaskPrompt = 200;

    /// <summary>Maps of the finest level that inference has at once: two skips side by side, the convolution's result, its norm, and copies in other layouts.</summary>
    private const double MapsOfInference = 8;

    /// <summary>Bytes of one training step's activations.</summary>
    public static double OfTraining(ModelOptions model, StepSettings step) => step.BatchSize * sizeof(float) * (model switch
    {
        UnetrOptions unetr => Unetr(unetr, step),
        ResidualUnetOptions residual => ResidualUnet(residual, step),
        _ => throw new ArgumentException($"There is no estimate for {model.GetType().Name}.", nameof(model)),
    });

    /// <summary>Bytes of one training step's activations: an image is encoded once, and every round keeps its own until the end.</summary>
    public static double OfTraining(PromptableModelOptions model, int rounds, StepSettings step)
    {
        double voxels = model.Encoder.ImageSize.Count, tokens = model.Encoder.Grid.Count;
        double round = MapsOfMaskDecoder * tokens * model.Encoder.OutputChannels + MapsOfMaskLoss * voxels + ValuesOfMaskPrompt * tokens;
        return step.BatchSize * sizeof(float) * Highest(Encoder(model.Encoder, step), rounds * round, round);
    }

    /// <summary>Bytes of the activations while windows are segmented without gradients.</summary>
    public static double OfInference(ModelOptions model, int batchSize)
    {
        double features = model is UnetrOptions unetr ? unetr.FeatureSize : model is ResidualUnetOptions residual ? residual.FeatureSize : 0;
        return batchSize * sizeof(float) * (double)model.VolumeSize.Count * (MapsOfInference * features + 2 * model.ClassCount);
    }

    private static double Unetr(UnetrOptions model, StepSettings step)
    {
        double features = model.FeatureSize, maps = MapsOfBlock + MapsOfJoin;
        for (var level = 2; level <= model.LevelCount; level++)
        {
            // In maps of the finest level: twice the channels on an eighth of the voxels.
            double level1 = Math.Pow(2.0 / 8, level - 1);
            int doublings = model.LevelCount + 1 - level;
            maps += level1 * (MapsOfJoin + Enumerable.Range(0, doublings).Sum(coarser =>
                (coarser == doublings - 1 ? 1 : 1 + MapsOfPlainBlock) / Math.Pow(8, coarser)));
            // The pooled map and its indices of 8 bytes, the block, and the sum of both skips.
            if (model.HasConvolutionalSkips)
                maps += level1 * (1.5 + MapsOfBlock + 1);
        }

        double voxels = model.Backbone.ImageSize.Count, narrow = step.IsNarrow ? NarrowShareOfDecoder : 1;
        double kept = voxels * (narrow * features * maps + MapsOfClass * model.ClassCount + MapsOfLabels);
        double passing = voxels * narrow * features * (model.HasConvolutionalSkips ? PassingMapsWithSkips : PassingMaps);
        return Highest(Encoder(model.Backbone, step), kept, passing);
    }

    private static double ResidualUnet(ResidualUnetOptions model, StepSettings step)
    {
        double voxels = model.ImageSize.Count, narrow = step.IsNarrow ? NarrowShareOfDecoder : 1, values = 0;
        for (var stage = 0; stage < model.StageCount; stage++)
        {
            var stride = model.StageStrides[stage];
            voxels /= (double)stride.X * stride.Y * stride.Z;
            // The decoder's side has two skips side by side, and one normed convolution.
            double maps = model.BlocksOf(stage) * MapsOfPlainBlock + 1 + (stage < model.StageCount - 1 ? 2 + 2 : 0);
            values += voxels * model.ChannelsOf(stage) * maps;
        }

        return narrow * (values + model.ImageSize.Count * model.FeatureSize * PassingMapsWithSkips)
            + (double)model.ImageSize.Count * (MapsOfClass * model.ClassCount + MapsOfLabels);
    }

    /// <summary>The backward pass begins with everything that is kept, and comes to the encoder when the rest is gone.</summary>
    private static double Highest((double Kept, double Passing) encoder, double kept, double passing) =>
        encoder.Kept + Math.Max(kept + passing, encoder.Passing);

    private static (double Kept, double Passing) Encoder(BackboneOptions backbone, StepSettings step)
    {
        double tokens = backbone.Grid.Count, width = backbone.EmbeddingWidth, mlpRatio = backbone is EncoderOptions encoder ? encoder.MlpRatio : 4;
        double ofTokens = tokens * width * (MapsOfTokens + MapsOfMlp * mlpRatio) * (step.IsNarrow ? NarrowShareOfBlock : 1);
        double[] pairs = [.. Enumerable.Range(0, backbone.BuiltBlockCount).Select(block => backbone.HeadCount * Pairs(backbone, block))];
        if (pairs.Length == 0 || !step.EncoderLearns)
            return (0, pairs.Length == 0 ? 0 : ofTokens + MapsOfPairs * pairs.Max());
        double passing = ofTokens + PassingMapsOfPairs * pairs.Max();
        return step.IsCheckpointed
            ? (pairs.Length * tokens * width, passing + ofTokens + MapsOfPairs * pairs.Max())
            : (pairs.Sum(one => ofTokens + MapsOfPairs * one), passing);
    }

    private static double Pairs(BackboneOptions backbone, int block)
    {
        double tokens = backbone.Grid.Count;
        if (backbone is not EncoderOptions encoder || encoder.IsGlobal(block))
            return tokens * tokens;
        double window = Enumerable.Range(0, 3).Aggregate(1.0, (product, axis) => product * Math.Min(encoder.WindowSize, backbone.Grid[axis]));
        return tokens * window;
    }
}
