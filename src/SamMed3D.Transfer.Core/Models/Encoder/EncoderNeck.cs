using TorchSharp.Utils;

namespace SamMed3D.Transfer;

/// <summary>
/// Reduces the tokens' width: 1x1x1 convolution, norm over channels, 3x3x3 convolution, norm over channels; no biases. SAM-Med3D's
/// `neck`, whose `LayerNorm3d` always has epsilon 1e-6.
/// </summary>
public sealed class EncoderNeck : Module<Tensor, Tensor>, IComputesNarrow
{
    private const double Epsilon = 1e-6;

    [ComponentName(Name = "0")]
    private readonly Conv3d _reduce;
    [ComponentName(Name = "1")]
    private readonly LayerNorm _reduceNorm;
    [ComponentName(Name = "2")]
    private readonly Conv3d _mix;
    [ComponentName(Name = "3")]
    private readonly LayerNorm _mixNorm;

    private ComputePrecision _precision;

    /// <summary>Fresh weights.</summary>
    public EncoderNeck(int width, int outputChannels)
        : base(nameof(EncoderNeck))
    {
        _reduce = Conv3d(width, outputChannels, 1, bias: false);
        _reduceNorm = LayerNorm(outputChannels, eps: Epsilon);
        _mix = Conv3d(outputChannels, outputChannels, 3, padding: 1, bias: false);
        _mixNorm = LayerNorm(outputChannels, eps: Epsilon);
        RegisterComponents();
    }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="input">[N, X, Y, Z, C].</param>
    /// <returns>[N, C', X, Y, Z]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        // Channels are last already, where a 1x1x1 convolution is a linear layer and the norm needs no permutation.
        var reduced = Product.Norm(_reduceNorm, Product.Of(_precision.Narrow(input), _reduce.weight!.flatten(1)));
        var mixed = PaddedConvolution.Apply(_precision.Narrow(reduced).permute(0, 4, 1, 2, 3), _mix.weight!);
        return Product.Norm(_mixNorm, mixed.permute(0, 2, 3, 4, 1)).permute(0, 4, 1, 2, 3).contiguous().MoveToOuterDisposeScope();
    }
}
