namespace SamMed3D.Transfer;

/// <summary>
/// Brings a tapped feature grid up to the resolution of a skip connection, doubling it a step at a time. MONAI's <c>UnetrPrUpBlock</c>.
/// </summary>
internal sealed class TapUpsampling : Module<Tensor, Tensor>
{
    private readonly ScalingConvolution transp_conv_init;
    private readonly ModuleList<Module<Tensor, Tensor>> blocks;

    /// <param name="inputChannels">Channels of the tap.</param>
    /// <param name="outputChannels">Channels of the skip.</param>
    /// <param name="doublings">How often the resolution doubles; at least once.</param>
    /// <param name="options">Whether a convolution block follows each doubling after the first, and which.</param>
    public TapUpsampling(int inputChannels, int outputChannels, int doublings, UnetrOptions options)
        : base(nameof(TapUpsampling))
    {
        transp_conv_init = ScalingConvolution.Doubling(inputChannels, outputChannels);
        blocks = new ModuleList<Module<Tensor, Tensor>>([.. Enumerable.Range(1, doublings - 1).Select(Step)]);
        RegisterComponents();

        Module<Tensor, Tensor> Step(int _)
        {
            var doubling = ScalingConvolution.Doubling(outputChannels, outputChannels);
            return options.HasConvBlock
                ? Sequential(("0", doubling), ("1", new ConvBlock(outputChannels, outputChannels, options)))
                : doubling;
        }
    }

    /// <param name="tap">[N, C, X, Y, Z].</param>
    /// <returns>[N, C', X, Y, Z], multiplied by 2 to the number of doublings.</returns>
    public override Tensor forward(Tensor tap)
    {
        using var scope = NewDisposeScope();
        var features = transp_conv_init.call(tap);
        foreach (var block in blocks)
            features = block.call(features);
        return features.MoveToOuterDisposeScope();
    }
}
