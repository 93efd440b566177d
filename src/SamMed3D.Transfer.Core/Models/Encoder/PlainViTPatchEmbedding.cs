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
            ? nn.Conv3d(options.InputChannels, options.EmbeddingWidth, patch, stride: patch)
            : nn.Sequential(("1", nn.Linear((long)options.InputChannels * patch * patch * patch, options.EmbeddingWidth)));
        position_embeddings = new Parameter(zeros([1, options.Grid.Count, options.EmbeddingWidth]));
        init.trunc_normal_(position_embeddings, std: 0.02);
        if (patch_embeddings is Sequential perceptron)
        {
            init.trunc_normal_(((Linear)perceptron[0]).weight, std: 0.02);
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
            ? nn.functional.linear(
                Patches(volume, grid, channelsFirst: true), convolution.weight!.flatten(1), convolution.bias)
            : patch_embeddings.call(Patches(volume, grid, channelsFirst: false));
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

    /// <summary>MONAI takes the built size alone; here another grid gets the table resampled trilinearly (corners not aligned).</summary>
    private Tensor Positions(Size3 grid)
    {
        var built = _options.Grid;
        if (grid == built)
            return position_embeddings;
        var table = position_embeddings.transpose(1, 2).reshape(1, _options.EmbeddingWidth, built.X, built.Y, built.Z);
        return nn.functional.interpolate(table, grid.ToArray(), mode: InterpolationMode.Trilinear, align_corners: false)
            .flatten(2).transpose(1, 2);                        // [1, L, E]
    }
}
