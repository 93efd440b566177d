namespace SamMed3D.Transfer;

/// <summary>Attention within cubic windows, with the textbook decomposed relative positions: the 2D SAM's tables for two axes, a new one for the third.</summary>
internal sealed class SamAdapterAttention : Module<Tensor, Tensor>
{
    private readonly Parameter rel_pos_h;
    private readonly Parameter rel_pos_w;
    private readonly Parameter rel_pos_d;
    private readonly Parameter lr;
    private readonly Linear qkv;
    private readonly Linear proj;

    private readonly SamAdapterOptions _options;
    private readonly bool _isShifted;

    /// <param name="options">Sizes.</param>
    /// <param name="block">Its number: every other one, from 0, has shifted windows.</param>
    public SamAdapterAttention(SamAdapterOptions options, int block)
        : base(nameof(SamAdapterAttention))
    {
        _options = options;
        _isShifted = block % 2 == 0;
        int edge = options.SamGlobalBlocks.Contains(block) ? options.SamGrid : options.SamWindowSize;
        int headWidth = options.EmbeddingWidth / options.HeadCount;
        rel_pos_h = new Parameter(zeros(2 * edge - 1, headWidth));
        rel_pos_w = new Parameter(zeros(2 * edge - 1, headWidth));
        rel_pos_d = new Parameter(zeros(2 * edge - 1, headWidth));
        // A factor for all three tables that the published model keeps at 1.
        lr = new Parameter(ones(Array.Empty<long>()));
        qkv = Linear(options.EmbeddingWidth, 3 * options.EmbeddingWidth);
        proj = Linear(options.EmbeddingWidth, options.EmbeddingWidth);
        RegisterComponents();
    }

    /// <summary>The new axis starts with the mean of the other two's tables, as published.</summary>
    public void StartDepthPositions()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        rel_pos_d.copy_((rel_pos_h + rel_pos_w) * 0.5);
    }

    /// <param name="input">[N, X, Y, Z, C], tokens after the block's first norm.</param>
    /// <returns>[N, X, Y, Z, C]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        int edge = _options.WindowSize;
        var grid = new Size3((int)input.shape[1], (int)input.shape[2], (int)input.shape[3]);
        long[] shifts = ShiftedWindows.Shifts(grid, edge);
        var windows = ShiftedWindows.Cut(_isShifted ? ShiftedWindows.Roll(input, [.. shifts.Select(shift => -shift)]) : input, edge);
        long m = windows.shape[0], tokens = edge * edge * edge, channels = windows.shape[4], heads = _options.HeadCount;
        var parts = Product.Of(qkv, windows).reshape(m, tokens, 3, heads, channels / heads).permute(2, 0, 3, 1, 4);
        var bias = Positions(parts[0]);
        if (_isShifted)
        {
            var mask = ShiftedWindows.Mask(grid, edge, input.device);
            bias = (bias.view(-1, mask.shape[0], heads, tokens, tokens) + mask.unsqueeze(1)).view(m, heads, tokens, tokens);
        }

        var attended = Product.Attention(parts[0], parts[1], parts[2], bias);
        var joined = ShiftedWindows.Join(Product.Of(proj, attended.transpose(1, 2).reshape(m, edge, edge, edge, channels)), grid);
        return (_isShifted ? ShiftedWindows.Roll(joined, shifts) : joined).MoveToOuterDisposeScope();
    }

    /// <summary>The bias from the unscaled queries: [M, heads, w^3, w^3].</summary>
    private Tensor Positions(Tensor queries)
    {
        Size3 window = _options.WindowSize;
        Tensor Rows(Parameter table) => RelativePositionBias.Rows(table, window.X, window.X) * MixedPrecision.Wide(lr);
        Tensor[] tables = [Rows(rel_pos_h), Rows(rel_pos_w), Rows(rel_pos_d)];
        return RelativePositionBias.Compute(
            RelativePosition.Decomposed, MixedPrecision.Wide(queries), padQuery: null, tables, tables[2], window, window);
    }
}
