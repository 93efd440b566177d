using TorchSharp.Utils;

namespace SamMed3D.Transfer;

/// <summary>Brings the image embedding to four times its grid at an eighth of its channels: SAM-Med3D's `output_upscaling`.</summary>
internal sealed class OutputUpscaling : Module<Tensor, Tensor>, IComputesNarrow
{
    [ComponentName(Name = "0")]
    private readonly ConvTranspose3d _double;
    [ComponentName(Name = "1")]
    private readonly LayerNorm _norm;
    [ComponentName(Name = "3")]
    private readonly ConvTranspose3d _quadruple;

    private ComputePrecision _precision;

    public OutputUpscaling(int width)
        : base(nameof(OutputUpscaling))
    {
        _double = ConvTranspose3d(width, width / 4, 2, stride: 2);
        _norm = LayerNorm(width / 4, eps: 1e-6);
        _quadruple = ConvTranspose3d(width / 4, width / 8, 2, stride: 2);
        RegisterComponents();
    }

    ComputePrecision IComputesNarrow.Precision
    {
        get => _precision;
        set => _precision = value;
    }

    /// <param name="image">[N, X, Y, Z, C].</param>
    /// <returns>[N, 4X, 4Y, 4Z, C/8].</returns>
    public override Tensor forward(Tensor image)
    {
        using var scope = NewDisposeScope();
        var doubled = NonOverlappingConvolution.Double(_precision.Narrow(image), _double.weight!, _double.bias!);
        var quadrupled = NonOverlappingConvolution.Double(_precision.Narrow(functional.gelu(Product.Norm(_norm, doubled))), _quadruple.weight!, _quadruple.bias!);
        return _precision.Widen(functional.gelu(quadrupled)).MoveToOuterDisposeScope();
    }
}
