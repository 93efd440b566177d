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
        foreach (var (_, tensor) in model.state_dict())
        {
            // Nothing at 0, as position tables and biases are at first; norms near 1.
            using var values = randn(tensor.shape, generator: generator);
            using var scaled = values * (tensor.ndim > 1 ? Math.Pow(tensor.numel() / (double)tensor.shape[0], -0.5) : 0.3);
            tensor.add_(scaled);
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
