namespace SamMed3D.Transfer;

/// <summary>
/// A U-Net with a residual encoder, as in nnU-Net's residual encoder presets (Isensee et al. 2024, "nnU-Net revisited", arXiv 2404.09556): a stem, stages of
/// residual blocks (<see cref="ConvBlock"/>) the first of which steps down, and a light decoder of one transposed convolution and one convolution a stage. No transformer and nothing
/// pretrained: what a network made for the task reaches, and every transformer has to face.
/// </summary>
/// <remarks>
/// Differences from there: convolutions have no bias, which the norms behind them would take away again; kernels are 3x3x3 in every stage, also where slices lie far
/// apart; and there is no deep supervision, so that all networks here learn from the same loss.
/// </remarks>
public sealed class ResidualUnet : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly NormalizedConvolution stem;
    private readonly ModuleList<Sequential> stages;
    // From stage N + 1 up to stage N.
    private readonly ModuleList<ScalingConvolution> upsamplings;
    private readonly ModuleList<NormalizedConvolution> decoders;
    private readonly Conv3d @out;

    private ComputePrecision _precision;

    /// <summary>Builds the network with fresh weights: He's for leaky ReLUs, every residual block beginning as its shortcut.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public ResidualUnet(ResidualUnetOptions options)
        : base(nameof(ResidualUnet))
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options.Validated();
        options.RequireClasses();
        int stageCount = options.StageCount;
        stem = new NormalizedConvolution(options.InputChannels, options.ChannelsOf(0));
        stages = [.. Enumerable.Range(0, stageCount).Select(stage => Sequential(
            [.. Enumerable.Range(0, options.BlocksOf(stage)).Select(block => ($"{block}", (Module<Tensor, Tensor>)Block(stage, block)))]))];
        upsamplings = [.. Enumerable.Range(0, stageCount - 1).Select(stage =>
            ScalingConvolution.Doubling(options.ChannelsOf(stage + 1), options.ChannelsOf(stage), options.StageStrides[stage + 1]))];
        decoders = [.. Enumerable.Range(0, stageCount - 1).Select(stage => new NormalizedConvolution(2 * options.ChannelsOf(stage), options.ChannelsOf(stage)))];
        @out = Conv3d(options.ChannelsOf(0), options.ClassCount, 1);
        RegisterComponents();
        Initialize();
    }

    /// <summary>What this model was built with.</summary>
    public ResidualUnetOptions Options { get; }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="volume">[N, C, X, Y, Z], a size that <see cref="ResidualUnetOptions.WhyRefused"/> accepts.</param>
    /// <returns>Logits [N, classes, X, Y, Z]; the caller owns them.</returns>
    /// <exception cref="ArgumentException">The volume has another shape; the message says which fit.</exception>
    public override Tensor forward(Tensor volume)
    {
        RequireVolume(volume);
        using var scope = NewDisposeScope();
        var features = stem.call(_precision.Narrow(volume));
        var skips = new List<Tensor>();
        foreach (var stage in stages)
        {
            features = stage.call(features);
            skips.Add(features);
        }

        for (int i = decoders.Count - 1; i >= 0; i--)
            features = Joined(i, features, skips[i]);
        var logits = PaddedConvolution.Apply(features, @out.weight!) + Product.Follow(@out.bias!, features).view(-1, 1, 1, 1);
        return _precision.Widen(logits).MoveToOuterDisposeScope();
    }

    private Tensor Joined(int stage, Tensor coarse, Tensor skip)
    {
        using var scope = NewDisposeScope();
        using var upsampled = upsamplings[stage].call(coarse);
        using var both = cat([upsampled, skip], 1);
        return decoders[stage].call(both).MoveToOuterDisposeScope();
    }

    private ConvBlock Block(int stage, int block) => block > 0
        ? new(Options.ChannelsOf(stage), Options.ChannelsOf(stage), isAffine: true)
        : new(Options.ChannelsOf(Math.Max(0, stage - 1)), Options.ChannelsOf(stage), isAffine: true, stride: Options.StageStrides[stage]);

    private void Initialize()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, parameter) in named_parameters())
            if (parameter.ndim == 5)
                init.kaiming_normal_(parameter, InstanceNormalization.NegativeSlope);
        init.zeros_(@out.bias!);
        foreach (var block in modules().OfType<ConvBlock>())
            init.zeros_(block.LastScale!);
    }

    private void RequireVolume(Tensor volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (volume.shape is not [_, var channels, var x, var y, var z] || channels != Options.InputChannels)
            throw new ArgumentException($"Expected a volume [N, {Options.InputChannels}, X, Y, Z], got [{string.Join(", ", volume.shape)}].", nameof(volume));
        if (Options.WhyRefused(new((int)x, (int)y, (int)z)) is { } reason)
            throw new ArgumentException(reason, nameof(volume));
    }
}
