namespace SamMed3D.Transfer;

/// <summary>
/// Positions as random Fourier features (Tancik et al. 2020, arXiv:2006.10739): SAM-Med3D's `PositionEmbeddingRandom3D`, which gives
/// [sin, cos, sin]. The frequencies are drawn once and belong to the weights.
/// </summary>
internal sealed class RandomPositionEncoding : Module<Tensor, Tensor>
{
    // A buffer: in the checkpoint, not trained.
    private readonly Tensor positional_encoding_gaussian_matrix;

    /// <param name="width">Channels of an encoding; a multiple of 3.</param>
    public RandomPositionEncoding(int width)
        : base(nameof(RandomPositionEncoding))
    {
        positional_encoding_gaussian_matrix = randn(3, width / 3);
        RegisterComponents();
    }

    /// <param name="positions">[..., 3], 0 to 1 across the image along each axis.</param>
    /// <returns>[..., width].</returns>
    public override Tensor forward(Tensor positions)
    {
        using var scope = NewDisposeScope();
        var phases = 2 * Math.PI * matmul(2 * positions.to(positional_encoding_gaussian_matrix.dtype) - 1, positional_encoding_gaussian_matrix);
        var sine = phases.sin();
        return cat([sine, phases.cos(), sine], -1).MoveToOuterDisposeScope();
    }

    /// <summary>The encoding of every cell of a grid. The first two axes are swapped, as published.</summary>
    /// <returns>[1, width, X, Y, Z].</returns>
    public Tensor OfGrid(Size3 grid)
    {
        using var scope = NewDisposeScope();
        var (type, device) = (positional_encoding_gaussian_matrix.dtype, positional_encoding_gaussian_matrix.device);
        Tensor Centres(int cells) => arange(cells, dtype: type, device: device) + 0.5;
        // Published: cell (i, j, k) has the coordinates ((j + 0.5) / X, (i + 0.5) / Y, (k + 0.5) / Z), while points keep their order.
        // On other grids than cubes the divisors are swapped too, so that values can pass 1.
        var first = (Centres(grid.Y) / grid.X).view(1, -1, 1).expand(grid.X, grid.Y, grid.Z);
        var second = (Centres(grid.X) / grid.Y).view(-1, 1, 1).expand(grid.X, grid.Y, grid.Z);
        var third = (Centres(grid.Z) / grid.Z).view(1, 1, -1).expand(grid.X, grid.Y, grid.Z);
        return forward(stack([first, second, third], -1)).permute(3, 0, 1, 2).unsqueeze(0).MoveToOuterDisposeScope();
    }
}
