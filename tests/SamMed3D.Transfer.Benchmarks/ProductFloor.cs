using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>
/// What a forward pass of the encoder, or of UNETR on it, cannot do without: its matrix products, attention (with a bias that is there already) and convolutions,
/// on random values of the same shapes, in the order of the network, with nothing between them.
/// </summary>
internal static class ProductFloor
{
    private sealed record Part(int Count, Func<Tensor> Compute);

    /// <summary>The encoder's products, the neck's among them where it is asked for.</summary>
    public static Action Encoder(EncoderOptions options, int edge, int batch, ScalarType type, bool hasNeck)
    {
        int grid = edge / options.PatchSize, tokens = grid * grid * grid, width = options.EmbeddingWidth, hidden = (int)(width * options.MlpRatio);
        int windowed = Enumerable.Range(0, options.BlockCount).Count(block => !options.IsGlobal(block) && grid < options.WindowSize);
        var parts = new List<Part>
        {
            Linear(1, batch * tokens, options.PatchSize * options.PatchSize * options.PatchSize * options.InputChannels, width, type),
            Linear(options.BlockCount, batch * tokens, width, 3 * width, type),
            Linear(options.BlockCount, batch * tokens, width, width, type),
            Linear(options.BlockCount, batch * tokens, width, hidden, type),
            Linear(options.BlockCount, batch * tokens, hidden, width, type),
            Attention(windowed, tokens + 1),
            Attention(options.BlockCount - windowed, tokens),
        };
        if (hasNeck)
        {
            parts.Add(Linear(1, batch * tokens, width, options.OutputChannels, type));
            parts.Add(Convolution(options.OutputChannels, options.OutputChannels, grid, batch, type));
        }

        return Run(parts);

        Part Attention(int count, int keys)
        {
            int headWidth = width / options.HeadCount;
            var (q, k, v) = (Values(tokens), Values(keys), Values(keys));
            var bias = randn(batch, options.HeadCount, tokens, keys);
            return new(count, () => Product.Attention(q, k, v, bias));
            Tensor Values(int rows) => randn(batch, options.HeadCount, rows, headWidth).to(type);
        }
    }

    /// <summary>The products of UNETR's decoder.</summary>
    public static Action Decoder(UnetrOptions options, int edge, int batch, ScalarType type)
    {
        int levels = options.LevelCount, width = options.Backbone.EmbeddingWidth;
        var parts = new List<Part>();
        Block(1, 1);
        for (int level = 2; level <= levels; level++)
        {
            Doubling(width, Channels(level), levels + 1);
            for (int finer = levels - 1; finer >= level; finer--)
            {
                Doubling(Channels(level), Channels(level), finer + 1);
                parts.Add(Convolution(Channels(level), Channels(level), Edge(finer), batch, type, count: 2));
            }
        }

        for (int level = levels + 1; level > 1; level--)
        {
            Doubling(level > levels ? width : Channels(level), Channels(level - 1), level);
            Block(level - 1, 2 * Channels(level - 1));
        }

        parts.Add(Linear(1, batch * edge * edge * edge, Channels(1), options.ClassCount, type));
        return Run(parts);

        int Channels(int level) => options.FeatureSize << (level - 1);
        int Edge(int level) => edge >> (level - 1);

        void Block(int level, int inputs)
        {
            parts.Add(Convolution(inputs, Channels(level), Edge(level), batch, type));
            parts.Add(Convolution(Channels(level), Channels(level), Edge(level), batch, type));
            parts.Add(Linear(1, batch * Edge(level) * Edge(level) * Edge(level), inputs, Channels(level), type));
        }

        void Doubling(int inputs, int outputs, int level) =>
            parts.Add(Linear(1, batch * Edge(level) * Edge(level) * Edge(level), inputs, 8 * outputs, type));
    }

    private static Part Linear(int count, long rows, int inputs, int outputs, ScalarType type)
    {
        var (values, weight) = (randn(rows, inputs).to(type), randn(outputs, inputs).to(type));
        return new(count, () => functional.linear(values, weight));
    }

    private static Part Convolution(int inputs, int outputs, int edge, int batch, ScalarType type, int count = 1)
    {
        var (values, weight) = (randn([batch, inputs, edge, edge, edge]).to(type), randn([outputs, inputs, 3, 3, 3]).to(type));
        return new(count, () => functional.conv3d(values, weight, padding: [1, 1, 1]));
    }

    private static Action Run(List<Part> parts) => () =>
    {
        using var noGradient = no_grad();
        foreach (var part in parts)
            for (var i = 0; i < part.Count; i++)
                part.Compute().Dispose();
    };
}
