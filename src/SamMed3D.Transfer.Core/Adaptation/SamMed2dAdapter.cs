using TorchSharp.Utils;

namespace SamMed3D.Transfer;

/// <summary>
/// SAM-Med2D's adapter (Cheng et al., arXiv 2308.16184) for images: a gate for each channel, then down and up again by convolutions of
/// stride 2, a skip from the input, and a norm. It runs beside a block's MLP.
/// </summary>
/// <remarks>The convolutions are matrix products: LibTorch's of stride 2 are wrong on some CPUs for some numbers of channels (see <see cref="PaddedConvolution"/>).</remarks>
internal sealed class SamMed2dAdapter : Module<Tensor, Tensor>
{
    private const int Reduction = 4;

    private readonly LayerNorm norm;
    private readonly Sequential channel;
    private readonly SpatialKernels spatial;

    /// <param name="width">C, a multiple of 4.</param>
    public SamMed2dAdapter(int width)
        : base(nameof(SamMed2dAdapter))
    {
        norm = LayerNorm(width);
        channel = Sequential(
            ("0", Linear(width, width / Reduction, hasBias: false)), ("1", ReLU()), ("2", Linear(width / Reduction, width, hasBias: false)), ("3", Sigmoid()));
        spatial = new SpatialKernels(width);
        RegisterComponents();
    }

    /// <param name="input">[N, H, W, C], H and W even.</param>
    /// <returns>[N, H, W, C]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var gated = input * channel.call(input.mean([1, 2], keepdim: true));
        var halved = functional.relu(Halve(gated, spatial.Down));
        var restored = functional.relu(Double(halved, spatial.Up));
        return norm.call(input + restored).MoveToOuterDisposeScope();
    }

    /// <summary>A 3x3 convolution of stride 2 and padding 1: [N, H, W, C] to [N, H/2, W/2, C'].</summary>
    private static Tensor Halve(Tensor tokens, Tensor weight)
    {
        long rows = tokens.shape[1], columns = tokens.shape[2];
        var padded = functional.pad(tokens, [0, 0, 1, 1, 1, 1]);
        Tensor At(int row, int column) => padded.slice(1, row, row + rows, 2).slice(2, column, column + columns, 2);
        var patches = cat([.. Enumerable.Range(0, 9).Select(place => At(place / 3, place % 3))], 3);
        return functional.linear(patches, weight.permute(0, 2, 3, 1).flatten(1));
    }

    /// <summary>A 4x4 transposed convolution of stride 2 and padding 1: [N, h, w, C] to [N, 2h, 2w, C'].</summary>
    private static Tensor Double(Tensor tokens, Tensor weight)
    {
        long n = tokens.shape[0], rows = tokens.shape[1], columns = tokens.shape[2], outputs = weight.shape[1];
        // Each token gives 4x4 pixels: 2x2 cells of 2x2, which overlap with those of its neighbours.
        var cells = matmul(tokens, weight.flatten(1)).view(n, rows, columns, outputs, 2, 2, 2, 2);
        Tensor Cell(int row, int column) => functional.pad(
            cells.select(6, column).select(4, row).flatten(3), [0, 0, column, 1 - column, row, 1 - row]);
        return (Cell(0, 0) + Cell(0, 1) + Cell(1, 0) + Cell(1, 1))
            .view(n, rows + 1, columns + 1, outputs, 2, 2)
            .permute(0, 1, 4, 2, 5, 3)
            .reshape(n, 2 * rows + 2, 2 * columns + 2, outputs)
            .narrow(1, 1, 2 * rows).narrow(2, 1, 2 * columns);
    }

    /// <summary>Holds the two kernels under the published keys.</summary>
    private sealed class SpatialKernels : Module
    {
        [ComponentName(Name = "0")]
        private readonly Conv2d _down;
        [ComponentName(Name = "2")]
        private readonly ConvTranspose2d _up;

        public SpatialKernels(int width)
            : base(nameof(SpatialKernels))
        {
            _down = Conv2d(width, width, 3, stride: 2, padding: 1, bias: false);
            _up = ConvTranspose2d(width, width, 4, stride: 2, padding: 1, bias: false);
            RegisterComponents();
        }

        /// <summary>[C', C, 3, 3].</summary>
        public Tensor Down => _down.weight!;

        /// <summary>[C, C', 4, 4].</summary>
        public Tensor Up => _up.weight!;
    }
}
