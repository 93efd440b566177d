namespace SamMed3D.Transfer;

/// <summary>
/// UNETR (Hatamizadeh et al. 2022): a transformer encodes the volume, a convolutional decoder brings its tapped blocks back to full
/// resolution, level by level. With a <see cref="PlainViT"/> of patch 16 equal to MONAI's <c>UNETR</c> in structure and keys.
/// </summary>
/// <remarks>Level 1 is full resolution and each further level half of the one before; <c>encoderN</c> makes the skip of level N
/// and <c>decoderN</c> leads from level N to level N - 1.</remarks>
public sealed class Unetr : Module<Tensor, Tensor>, IComputesNarrow
{
    private readonly Backbone vit;
    private readonly Sequential encoder1;
    private readonly Sequential @out;

    // Their number depends on the patch, so they are registered by name: encoder2 …, convolutional_skip2 …, decoder2 ….
    private readonly TapUpsampling[] _tapUpsamplings;
    private readonly ConvBlock[] _convolutionalSkips;
    private readonly UpsamplingBlock[] _decoders;

    private ComputePrecision _precision;

    /// <summary>Builds the decoder with fresh weights on an encoder, which belongs to it from now on.</summary>
    /// <param name="backbone">The encoder, with the weights it has.</param>
    /// <param name="options">The decoder; <see cref="UnetrOptions.Backbone"/> is taken from the encoder itself.</param>
    /// <exception cref="ArgumentException">The options contradict each other or do not fit the encoder.</exception>
    public Unetr(Backbone backbone, UnetrOptions options)
        : base(nameof(Unetr))
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(options);
        Options = (options with { Backbone = backbone.Options }).Validated();
        Options.RequireClasses();
        int levels = Options.LevelCount;
        int width = Options.Backbone.EmbeddingWidth;

        vit = backbone;
        encoder1 = Sequential(("layer", new ConvBlock(Options.Backbone.InputChannels, Channels(1), Options)));
        _tapUpsamplings = [.. Enumerable.Range(2, levels - 1).Select(level =>
            Registered($"encoder{level}", new TapUpsampling(width, Channels(level), levels + 1 - level, Options)))];
        _convolutionalSkips = [.. Enumerable.Range(2, Options.HasConvolutionalSkips ? levels - 1 : 0).Select(level =>
            Registered($"convolutional_skip{level}", new ConvBlock(Channels(level - 1), Channels(level), Options)))];
        _decoders = [.. Enumerable.Range(2, levels).Select(level =>
            Registered($"decoder{level}", new UpsamplingBlock(level > levels ? width : Channels(level), Channels(level - 1), Options)))];
        @out = Sequential(("conv", Sequential(("conv", Conv3d(Channels(1), Options.ClassCount, 1)))));
        RegisterComponents();
    }

    /// <summary>What this model was built with.</summary>
    public UnetrOptions Options { get; }

    /// <summary>The encoder, which belongs to this model.</summary>
    public Backbone Backbone => vit;

    /// <summary>Builds encoder and decoder with fresh weights; the caller owns the model.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static Unetr Create(UnetrOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Create();
    }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="volume">[N, C, X, Y, Z], a size that the encoder takes.</param>
    /// <returns>Logits [N, classes, X, Y, Z]; the caller owns them.</returns>
    /// <exception cref="ArgumentException">The volume has another shape; the message says which fit.</exception>
    public override Tensor forward(Tensor volume)
    {
        using var scope = NewDisposeScope();
        using var taps = vit.Features(volume, Options.Taps);
        var skips = Skips(_precision.Narrow(volume), taps);
        var features = _precision.Narrow(taps[_decoders.Length - 1]);
        for (int i = _decoders.Length - 1; i >= 0; i--)
            features = _decoders[i].call(features, skips[i]);
        return _precision.Widen(Logits(features)).MoveToOuterDisposeScope();
    }

    private Tensor Logits(Tensor features)
    {
        if (!MixedPrecision.IsNarrow(features))
            return @out.call(features);
        var last = (Conv3d)((Sequential)@out[0])[0];
        return PaddedConvolution.Apply(features, last.weight!) + Product.Follow(last.bias!, features).view(-1, 1, 1, 1);
    }

    /// <summary>One skip for each level, the finest first.</summary>
    private Tensor[] Skips(Tensor volume, BackboneFeatures taps)
    {
        var skips = new Tensor[_decoders.Length];
        var detail = skips[0] = encoder1.call(volume);
        for (int i = 0; i < _tapUpsamplings.Length; i++)
        {
            skips[i + 1] = _tapUpsamplings[i].call(_precision.Narrow(taps[i]));
            if (_convolutionalSkips.Length == 0)
                continue;
            // Not a strided convolution: LibTorch 2.10 gets the gradient of some (3x3x3 on 48 channels) wrong on a CPU.
            detail = _convolutionalSkips[i].call(functional.max_pool3d(detail, [2, 2, 2]));
            skips[i + 1] = skips[i + 1] + detail;
        }

        return skips;
    }

    private int Channels(int level) => Options.FeatureSize << (level - 1);

    private T Registered<T>(string name, T module)
        where T : Module
    {
        register_module(name, module);
        return module;
    }
}
