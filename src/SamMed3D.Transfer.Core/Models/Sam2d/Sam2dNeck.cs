using TorchSharp.Utils;

namespace SamMed3D.Transfer;

/// <summary>1x1 convolution, norm over channels, 3x3 convolution, norm over channels; no biases. The neck of the 2D SAM.</summary>
internal sealed class Sam2dNeck : Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-6;

    [ComponentName(Name = "0")]
    private readonly Conv2d _reduce;
    [ComponentName(Name = "1")]
    private readonly LayerNorm _reduceNorm;
    [ComponentName(Name = "2")]
    private readonly Conv2d _mix;
    [ComponentName(Name = "3")]
    private readonly LayerNorm _mixNorm;

    public Sam2dNeck(int width, int outputChannels)
        : base(nameof(Sam2dNeck))
    {
        _reduce = Conv2d(width, outputChannels, 1, bias: false);
        _reduceNorm = LayerNorm(outputChannels, eps: Epsilon);
        _mix = Conv2d(outputChannels, outputChannels, 3, padding: 1, bias: false);
        _mixNorm = LayerNorm(outputChannels, eps: Epsilon);
        RegisterComponents();
    }

    /// <param name="input">[N, H, W, C].</param>
    /// <returns>[N, C', H, W].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var reduced = _reduceNorm.call(functional.linear(input, _reduce.weight!.flatten(1)));
        var mixed = _mix.call(reduced.permute(0, 3, 1, 2).contiguous());
        return _mixNorm.call(mixed.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope();
    }
}
