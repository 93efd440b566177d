namespace SamMed3D.Transfer;

/// <summary>
/// Multi-head self-attention over the windows of a token grid, or over the whole grid, with relative positions: SAM-Med3D's
/// `Attention` together with its window partition. Exactly the published numbers, without computing any pad token
/// (see <see cref="RelativePositionBias"/>).
/// </summary>
public sealed class WindowAttention : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> qkv;
    private readonly Module<Tensor, Tensor> proj;
    private readonly Parameter? rel_pos_d;
    private readonly Parameter? rel_pos_h;
    private readonly Parameter? rel_pos_w;

    private readonly EncoderOptions _options;
    private readonly bool _isGlobal;

    /// <summary>Fresh weights; relative tables start at zero, as published.</summary>
    public WindowAttention(EncoderOptions options, bool isGlobal)
        : base(nameof(WindowAttention))
    {
        _options = options;
        _isGlobal = isGlobal;
        int width = options.EmbeddingWidth;
        qkv = LoraLinear.Create(width, 3 * width, options.Adapter, LoraTarget.Qkv, options.HasQkvBias);
        proj = LoraLinear.Create(width, width, options.Adapter, LoraTarget.Projection);
        if (options.RelativePosition != RelativePosition.None)
        {
            var window = isGlobal ? options.Grid : options.WindowSize;
            int headWidth = options.EmbeddingWidth / options.HeadCount;
            rel_pos_d = new Parameter(zeros(2 * window.X - 1, headWidth));
            rel_pos_h = new Parameter(zeros(2 * window.Y - 1, headWidth));
            rel_pos_w = new Parameter(zeros(2 * window.Z - 1, headWidth));
        }

        RegisterComponents();
    }

    /// <param name="input">[N, X, Y, Z, C], tokens after the block's first norm.</param>
    /// <returns>[N, X, Y, Z, C]; the caller owns it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var grid = new Size3((int)input.shape[1], (int)input.shape[2], (int)input.shape[3]);
        var layout = new WindowLayout(grid, _isGlobal ? grid : _options.WindowSize);
        return layout.Apply(input, (windows, extents) => Attend(windows, extents, layout.Window)).MoveToOuterDisposeScope();
    }

    /// <summary>[M, a, b, c, C] to the same shape.</summary>
    private Tensor Attend(Tensor windows, Size3 extents, Size3 window)
    {
        long m = windows.shape[0], channels = windows.shape[4], heads = _options.HeadCount;
        bool isPadded = extents != window;
        var tokens = windows.reshape(m, extents.Count, channels);
        // A zero token's query, key and value are the projection's biases: those of every pad token.
        if (isPadded)
            tokens = functional.pad(tokens, [0, 0, 0, 1]);
        var parts = Product.Of(qkv, tokens).reshape(m, tokens.shape[1], 3, heads, channels / heads).permute(2, 0, 3, 1, 4);
        var queries = parts[0].narrow(2, 0, extents.Count);
        var padQuery = isPadded ? parts[0].narrow(2, extents.Count, 1) : null;
        var attended = Product.Attention(queries, parts[1], parts[2], Bias(queries, padQuery, extents, window));
        return Product.Of(proj, attended.transpose(1, 2).reshape(m, extents.Count, channels)).reshape(windows.shape);
    }

    private Tensor? Bias(Tensor queries, Tensor? padQuery, Size3 extents, Size3 window)
    {
        if (_options.RelativePosition != RelativePosition.None)
        {
            return RelativePositionBias.Compute(
                _options.RelativePosition, MixedPrecision.Wide(queries), padQuery is null ? null : MixedPrecision.Wide(padQuery),
                [
                    RelativePositionBias.Rows(rel_pos_d!, extents.X, window.X),
                    RelativePositionBias.Rows(rel_pos_h!, extents.Y, window.Y),
                    RelativePositionBias.Rows(rel_pos_w!, extents.Z, window.Z),
                ],
                RelativePositionBias.Rows(rel_pos_w!, window.Z, window.Z), extents, window);
        }

        if (padQuery is null)
            return null;
        // Without a bias the pad keys differ from one key by their number alone.
        var mask = zeros(1, extents.Count + 1, dtype: MixedPrecision.IsNarrow(queries) ? ScalarType.Float32 : queries.dtype, device: queries.device);
        mask[0, extents.Count] = Math.Log(window.Count - extents.Count);
        return mask;
    }
}
