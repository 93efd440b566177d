namespace SamMed3D.Transfer;

/// <summary>Doubles the resolution and joins the skip connection of the finer level. MONAI's <c>UnetrUpBlock</c>.</summary>
internal sealed class UpsamplingBlock : Module<Tensor, Tensor, Tensor>
{
    private readonly ScalingConvolution transp_conv;
    private readonly ConvBlock conv_block;

    /// <param name="inputChannels">Channels of the coarser level.</param>
    /// <param name="outputChannels">Channels of the skip and of the result.</param>
    /// <param name="options">Which convolution block joins the two.</param>
    public UpsamplingBlock(int inputChannels, int outputChannels, UnetrOptions options)
        : base(nameof(UpsamplingBlock))
    {
        transp_conv = ScalingConvolution.Doubling(inputChannels, outputChannels);
        conv_block = new ConvBlock(2 * outputChannels, outputChannels, options);
        RegisterComponents();
    }

    /// <param name="coarse">[N, C, X, Y, Z].</param>
    /// <param name="skip">[N, C', 2X, 2Y, 2Z].</param>
    /// <returns>[N, C', 2X, 2Y, 2Z].</returns>
    public override Tensor forward(Tensor coarse, Tensor skip)
    {
        using var scope = NewDisposeScope();
        return conv_block.call(Joined(coarse, skip)).MoveToOuterDisposeScope();
    }

    private Tensor Joined(Tensor coarse, Tensor skip)
    {
        using var upsampled = transp_conv.call(coarse);
        return cat([upsampled, skip], 1);
    }
}
