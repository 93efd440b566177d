namespace SamMed3D.Transfer.Tests;

/// <summary>As small as a whole promptable model gets: 32^3 voxels, a grid of 4^3.</summary>
internal static class TinyPromptable
{
    public static PromptableModelOptions Options { get; } = WithSizes();

    public static PromptableModel Create(PromptableModelOptions? options = null, long seed = 5)
    {
        var model = new PromptableModel(options ?? Options);
        using var noGradient = no_grad();
        using var generator = new Generator((ulong)seed);
        foreach (var (name, tensor) in model.state_dict())
        {
            // Nothing at 0, as position tables and biases are at first, and the scales of norms near 1.
            using var scope = NewDisposeScope();
            bool isNormScale = tensor.ndim == 1 && name.EndsWith("weight", StringComparison.Ordinal);
            double spread = tensor.ndim > 1 ? Math.Pow(tensor.numel() / (double)tensor.shape[0], -0.5) : 0.1;
            tensor.copy_(randn(tensor.shape, generator: generator) * spread + (isNormScale ? 1 : 0));
        }

        return model;
    }

    private static PromptableModelOptions WithSizes()
    {
        var options = PromptableModelOptions.For(new EncoderOptions
        {
            ImageSize = 32, PatchSize = 8, EmbeddingWidth = 16, BlockCount = 2, HeadCount = 2, OutputChannels = 48, WindowSize = 3, GlobalBlocks = [1],
        });
        return options with { Prompts = options.Prompts with { MaskChannels = 8 }, Decoder = options.Decoder with { MlpWidth = 24, IouHeadWidth = 20 } };
    }
}
