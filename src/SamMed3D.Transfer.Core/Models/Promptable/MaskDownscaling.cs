using TorchSharp.Utils;

namespace SamMed3D.Transfer;

/// <summary>Brings a mask prompt to the grid of the image embedding, with its channels: SAM-Med3D's `mask_downscaling`.</summary>
internal sealed class MaskDownscaling : Module<Tensor, Tensor>, IComputesNarrow
{
    private const double Epsilon = 1e-6;

    [ComponentName(Name = "0")]
    private readonly Conv3d _halve;
    [ComponentName(Name = "1")]
    private readonly LayerNorm _halveNorm;
    [ComponentName(Name = "3")]
    private readonly Conv3d _quarter;
    [ComponentName(Name = "4")]
    private readonly LayerNorm _quarterNorm;
    [ComponentName(Name = "6")]
    private readonly Conv3d _widen;

    private ComputePrecision _precision;

    public MaskDownscaling(int channels, int width)
        : base(nameof(MaskDownscaling))
    {
        _halve = Conv3d(1, channels / 4, 2, stride: 2);
        _halveNorm = LayerNorm(channels / 4, eps: Epsilon);
        _quarter = Conv3d(channels / 4, channels, 2, stride: 2);
        _quarterNorm = LayerNorm(channels, eps: Epsilon);
        _widen = Conv3d(channels, width, 1);
        RegisterComponents();
    }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="masks">[N, 1, 4X, 4Y, 4Z], logits.</param>
    /// <returns>[N, C, X, Y, Z].</returns>
    public override Tensor forward(Tensor masks)
    {
        using var scope = NewDisposeScope();
        // Channels last, where the norms need no permutation and a 1x1x1 convolution is a linear layer.
        var halved = NonOverlappingConvolution.Halve(_precision.Narrow(masks).permute(0, 2, 3, 4, 1), _halve.weight!, _halve.bias!);
        var quartered = NonOverlappingConvolution.Halve(_precision.Narrow(functional.gelu(Product.Norm(_halveNorm, halved))), _quarter.weight!, _quarter.bias!);
        var normed = _precision.Narrow(functional.gelu(Product.Norm(_quarterNorm, quartered)));
        return _precision.Widen(Product.Of(normed, _widen.weight!.flatten(1), _widen.bias)).permute(0, 4, 1, 2, 3).MoveToOuterDisposeScope();
    }
}
