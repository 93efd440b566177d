namespace SamMed3D.Transfer;

/// <summary>One transformer block of the 2D SAM: norm, window or global attention, residual, norm, MLP (beside it SAM-Med2D's adapter), residual.</summary>
internal sealed class Sam2dBlock : Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-6;

    private readonly LayerNorm norm1;
    private readonly Sam2dAttention attn;
    private readonly LayerNorm norm2;
    private readonly MlpBlock mlp;
    private readonly SamMed2dAdapter? Adapter;

    private readonly int _windowSize;

    public Sam2dBlock(Sam2dEncoderOptions options, bool isGlobal)
        : base(nameof(Sam2dBlock))
    {
        _windowSize = isGlobal ? 0 : options.WindowSize;
        norm1 = LayerNorm(options.EmbeddingWidth, eps: Epsilon);
        attn = new Sam2dAttention(options, isGlobal ? options.GridSize : options.WindowSize);
        norm2 = LayerNorm(options.EmbeddingWidth, eps: Epsilon);
        mlp = new MlpBlock(options.EmbeddingWidth, (int)(options.EmbeddingWidth * options.MlpRatio));
        if (options.HasAdapters)
            Adapter = new SamMed2dAdapter(options.EmbeddingWidth);
        RegisterComponents();
    }

    /// <param name="input">[N, H, W, C].</param>
    /// <returns>[N, H, W, C].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var tokens = Attended(input);
        var normed = norm2.call(tokens);
        var change = Adapter is null ? mlp.call(normed) : mlp.call(normed) + Adapter.call(normed);
        return (tokens + change).MoveToOuterDisposeScope();
    }

    /// <summary>What the adapter gets and gives, both [N, H, W, C].</summary>
    internal (Tensor Input, Tensor Output) AtAdapter(Tensor input)
    {
        var normed = norm2.call(Attended(input));
        return (normed, Adapter!.call(normed));
    }

    private Tensor Attended(Tensor input)
    {
        var normed = norm1.call(input);
        return input + (_windowSize == 0 ? attn.call(normed) : InWindows(normed));
    }

    /// <summary>Zeros fill the last windows up; they attend and are attended to, as published.</summary>
    private Tensor InWindows(Tensor tokens)
    {
        long n = tokens.shape[0], rows = tokens.shape[1], columns = tokens.shape[2], channels = tokens.shape[3], w = _windowSize;
        long down = (rows + w - 1) / w, across = (columns + w - 1) / w;
        var windows = functional.pad(tokens, [0, 0, 0, across * w - columns, 0, down * w - rows])
            .reshape(n, down, w, across, w, channels).permute(0, 1, 3, 2, 4, 5).reshape(-1, w, w, channels);
        return attn.call(windows)
            .reshape(n, down, across, w, w, channels).permute(0, 1, 3, 2, 4, 5).reshape(n, down * w, across * w, channels)
            .narrow(1, 0, rows).narrow(2, 0, columns);
    }
}
