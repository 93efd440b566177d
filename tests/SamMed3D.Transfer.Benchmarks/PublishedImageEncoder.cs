using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>
/// The published algorithm of SAM-Med3D's image encoder, written plainly: windows padded with zero tokens that are computed like all
/// others, a bias by broadcasting, an explicit softmax. The oracle for <see cref="ImageEncoder"/>, whose weights it borrows.
/// Matrix products are computed in the given type; the sum that runs through the blocks, norms and softmax are float32.
/// Its attention matrices are large: a window of 14^3 tokens and 12 heads takes 345 MiB.
/// </summary>
internal sealed class PublishedImageEncoder(ImageEncoder encoder, ScalarType type = ScalarType.Float32)
{
    private readonly EncoderOptions _options = (EncoderOptions)encoder.Options;
    private readonly Dictionary<string, Tensor> _weights = encoder.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);

    /// <param name="volume">[N, C, X, Y, Z].</param>
    /// <returns>[N, C', X/P, Y/P, Z/P].</returns>
    public Tensor Forward(Tensor volume)
    {
        using var scope = NewDisposeScope();
        var tokens = Embed(volume);
        for (var block = 0; block < _options.BlockCount; block++)
            tokens = Block(tokens, $"blocks.{block}.", _options.IsGlobal(block));
        var features = functional.conv3d(tokens.permute(0, 4, 1, 2, 3), _weights["neck.0.weight"], null);
        features = NormOverChannels(features, "neck.1");
        features = functional.conv3d(features, _weights["neck.2.weight"], null, padding: [1, 1, 1]);
        return NormOverChannels(features, "neck.3").MoveToOuterDisposeScope();
    }

    /// <param name="volume">[N, C, X, Y, Z].</param>
    /// <param name="taps">Numbers of blocks, rising.</param>
    /// <returns>The blocks' outputs [N, width, X/P, Y/P, Z/P].</returns>
    public Tensor[] Features(Tensor volume, int[] taps)
    {
        using var scope = NewDisposeScope();
        var tokens = Embed(volume);
        var features = new List<Tensor>();
        for (var block = 0; block <= taps[^1]; block++)
        {
            tokens = Block(tokens, $"blocks.{block}.", _options.IsGlobal(block));
            if (taps.Contains(block))
                features.Add(tokens.permute(0, 4, 1, 2, 3).MoveToOuterDisposeScope());
        }

        return [.. features];
    }

    private Tensor Embed(Tensor volume)
    {
        using var scope = NewDisposeScope();
        var tokens = functional.conv3d(volume.to(type), Weight("patch_embed.proj.weight"), Weight("patch_embed.proj.bias"),
            [_options.PatchSize, _options.PatchSize, _options.PatchSize]).permute(0, 2, 3, 4, 1).to(ScalarType.Float32);
        return (_options.HasAbsolutePositions ? tokens + _weights["pos_embed"] : tokens).MoveToOuterDisposeScope();
    }

    private Tensor Weight(string key) => _weights[key].to(type);

    private Tensor Block(Tensor input, string key, bool isGlobal)
    {
        using var scope = NewDisposeScope();
        var tokens = Norm(input, key + "norm1");
        if (isGlobal)
        {
            tokens = Attention(tokens, key + "attn.");
        }
        else
        {
            long w = _options.WindowSize, n = tokens.shape[0], c = tokens.shape[4];
            long Padded(int axis) => (tokens.shape[axis] + w - 1) / w * w;
            long x = Padded(1), y = Padded(2), z = Padded(3);
            var padded = functional.pad(tokens,
                [0, 0, 0, z - tokens.shape[3], 0, y - tokens.shape[2], 0, x - tokens.shape[1]]);
            var windows = padded.reshape(n, x / w, w, y / w, w, z / w, w, c).permute(0, 1, 3, 5, 2, 4, 6, 7).reshape(-1, w, w, w, c);
            tokens = Attention(windows, key + "attn.")
                .reshape(n, x / w, y / w, z / w, w, w, w, c).permute(0, 1, 4, 2, 5, 3, 6, 7).reshape(n, x, y, z, c)
                .narrow(1, 0, input.shape[1]).narrow(2, 0, input.shape[2]).narrow(3, 0, input.shape[3]);
        }

        tokens = input + tokens.to(input.dtype);
        var hidden = functional.gelu(Linear(Norm(tokens, key + "norm2"), key + "mlp.lin1"));
        return (tokens + Linear(hidden, key + "mlp.lin2").to(tokens.dtype)).MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor windows, string key)
    {
        using var scope = NewDisposeScope();
        long m = windows.shape[0], d = windows.shape[1], h = windows.shape[2], w = windows.shape[3], c = windows.shape[4];
        long heads = _options.HeadCount, width = c / heads, length = d * h * w;
        var parts = Linear(windows, key + "qkv").reshape(m, length, 3, heads, width).permute(2, 0, 3, 1, 4)
            .reshape(3, m * heads, length, width);
        var (query, keys, values) = (parts[0], parts[1], parts[2]);
        var scores = (query * Math.Pow(width, -0.5)).matmul(keys.transpose(-2, -1));
        if (_options.RelativePosition != RelativePosition.None)
        {
            var q = query.reshape(m * heads, d, h, w, width);
            var first = einsum("bdhwc,dkc->bdhwk", q, Rows(key + "rel_pos_d", d));
            var second = einsum("bdhwc,hkc->bdhwk", q, Rows(key + "rel_pos_h", h));
            var third = einsum("bdhwc,wkc->bdhwk", q, Rows(key + "rel_pos_w", w));
            scores = scores.reshape(m * heads, d, h, w, d, h, w);
            // Published: every term's key axis meets the last key axis, and the query axis of the last two terms a key axis.
            scores = _options.RelativePosition == RelativePosition.Published
                ? scores + first.unsqueeze(4).unsqueeze(4) + second.unsqueeze(3).unsqueeze(5) + third.unsqueeze(3).unsqueeze(3)
                : scores + first.unsqueeze(5).unsqueeze(6) + second.unsqueeze(4).unsqueeze(6) + third.unsqueeze(4).unsqueeze(4);
            scores = scores.reshape(m * heads, length, length);
        }

        var attended = functional.softmax(scores.to(ScalarType.Float32), -1).to(values.dtype).matmul(values);
        attended = attended.reshape(m, heads, d, h, w, width).permute(0, 2, 3, 4, 1, 5).reshape(m, d, h, w, c);
        return Linear(attended, key + "proj").MoveToOuterDisposeScope();
    }

    /// <summary>R[p, k] = table row p - k + size - 1, the table resized to 2 x size - 1 rows: [size, size, width].</summary>
    private Tensor Rows(string key, long size)
    {
        var table = Weight(key);
        if (table.shape[0] != 2 * size - 1)
            table = functional.interpolate(table.t().unsqueeze(0), [2 * size - 1], mode: InterpolationMode.Linear, align_corners: false)
                .squeeze(0).t();
        var index = arange(size).unsqueeze(1) - arange(size) + (size - 1);
        return table.index_select(0, index.flatten().to(table.device)).reshape(size, size, -1);
    }

    private Tensor Linear(Tensor input, string key) =>
        functional.linear(input.to(type), Weight(key + ".weight"), _weights.ContainsKey(key + ".bias") ? Weight(key + ".bias") : null);

    private Tensor Norm(Tensor input, string key) => functional.layer_norm(
        input, [input.shape[^1]], _weights[key + ".weight"], _weights[key + ".bias"], _options.LayerNormEpsilon);

    private Tensor NormOverChannels(Tensor input, string key)
    {
        var mean = input.mean([1], keepdim: true);
        var centred = input - mean;
        var normed = centred / (centred.pow(2).mean([1], keepdim: true) + 1e-6).sqrt();
        return normed * _weights[key + ".weight"].reshape(1, -1, 1, 1, 1) + _weights[key + ".bias"].reshape(1, -1, 1, 1, 1);
    }
}
