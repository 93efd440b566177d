namespace SamMed3D.Transfer;

/// <summary>Cuts a volume into patches, maps each to a token and adds its learned position. MONAI's <c>PatchEmbeddingBlock</c>.</summary>
internal sealed class PlainViTPatchEmbedding : Module<Tensor, Tensor>
{
    private readonly Parameter position_embeddings;
    private readonly Module<Tensor, Tensor> patch_embeddings;

    private readonly PlainViTOptions _options;

    public PlainViTPatchEmbedding(PlainViTOptions options)
        : base(nameof(PlainViTPatchEmbedding))
    {
        _options = options;
        int patch = options.PatchSize;
        // Index 0 of MONAI's perceptron is the rearrangement, which has no weights.
        patch_embeddings = options.PatchProjection == PatchProjection.Convolution
            ? Conv3d(options.InputChannels, options.EmbeddingWidth, patch, stride: patch)
            : Sequential(("1", Linear((long)options.InputChannels * patch * patch * patch, options.EmbeddingWidth)));
        position_embeddings = new Parameter(zeros([1, options.Grid.Count, options.EmbeddingWidth]));
        // MONAI truncates this normal distribution at 100 standard deviations, that is, not at all.
        // (init.trunc_normal_ of TorchSharp 0.107 gives a constant.)
        init.normal_(position_embeddings, std: 0.02);
        if (patch_embeddings is Sequential perceptron)
        {
            init.normal_(((Linear)perceptron[0]).weight, std: 0.02);
            init.zeros_(((Linear)perceptron[0]).bias);
        }

        RegisterComponents();
    }

    /// <param name="volume">[N, C, X, Y, Z].</param>
    /// <returns>[N, L, E], the first axis of the grid slowest.</returns>
    public override Tensor forward(Tensor volume)
    {
        using var scope = NewDisposeScope();
        int patch = _options.PatchSize;
        var grid = new Size3((int)volume.shape[2] / patch, (int)volume.shape[3] / patch, (int)volume.shape[4] / patch);
        // One matrix product over the cut-out patches: a strided convolution is the same, but slow in bfloat16 on a CPU.
        var tokens = patch_embeddings is Conv3d convolution
            ? Product.Of(Patches(volume, grid, channelsFirst: true), convolution.weight!.flatten(1), convolution.bias)
            : Product.Of((Linear)((Sequential)patch_embeddings)[0], Patches(volume, grid, channelsFirst: false));
        return (tokens + Positions(grid)).MoveToOuterDisposeScope();
    }

    /// <returns>[N, L, C·P·P·P] or [N, L, P·P·P·C].</returns>
    private Tensor Patches(Tensor volume, Size3 grid, bool channelsFirst)
    {
        int patch = _options.PatchSize;
        return volume
            .reshape(volume.shape[0], _options.InputChannels, grid.X, patch, grid.Y, patch, grid.Z, patch)
            .permute(channelsFirst ? [0, 2, 4, 6, 1, 3, 5, 7] : [0, 2, 4, 6, 3, 5, 7, 1])
            .reshape(volume.shape[0], grid.Count, -1);
    }

    /// <summary>MONAI takes the built size alone; another grid gets the table resampled trilinearly.</summary>
    /// <returns>[1, L, E].</returns>
    private Tensor Positions(Size3 grid)
    {
        var built = _options.Grid;
        return grid == built
            ? position_embeddings
            : PositionTables.ResizeAbsolute(position_embeddings.view(1, built.X, built.Y, built.Z, -1), grid).flatten(1, 3);
    }
}
