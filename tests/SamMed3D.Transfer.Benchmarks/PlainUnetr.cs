using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>
/// UNETR's decoder written plainly, as MONAI's modules compute it: LibTorch's convolutions, instance norms and concatenation, one after the other. It borrows a
/// model's weights; its encoder is the model's own or the published algorithm (<see cref="PublishedImageEncoder"/>).
/// </summary>
internal sealed class PlainUnetr
{
    private readonly Unetr _model;
    private readonly PublishedImageEncoder? _encoder;
    private readonly ScalarType _type;
    private readonly Dictionary<string, Tensor> _weights;

    /// <param name="model">Without convolutional skips.</param>
    /// <param name="hasPublishedEncoder">Whether the encoder is written plainly too.</param>
    /// <param name="type">What all is computed in, as under autocast: weights are converted at each use, logits are float32.</param>
    public PlainUnetr(Unetr model, bool hasPublishedEncoder, ScalarType type)
    {
        (_model, _type) = (model, type);
        _encoder = hasPublishedEncoder ? new PublishedImageEncoder((ImageEncoder)model.Backbone, type) : null;
        _weights = model.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter);
    }

    /// <param name="volume">[N, C, X, Y, Z].</param>
    /// <returns>Logits [N, classes, X, Y, Z], float32.</returns>
    public Tensor Forward(Tensor volume)
    {
        using var scope = NewDisposeScope();
        int levels = _model.Options.LevelCount;
        var taps = Taps(volume);
        var skips = new List<Tensor> { Block(volume.to(_type), "encoder1.layer") };
        for (int level = 2; level <= levels; level++)
        {
            var skip = Doubled(taps[level - 2], $"encoder{level}.transp_conv_init");
            for (int step = 0; step < levels - level; step++)
                skip = Block(Doubled(skip, $"encoder{level}.blocks.{step}.0"), $"encoder{level}.blocks.{step}.1");
            skips.Add(skip);
        }

        var features = taps[levels - 1];
        for (int level = levels + 1; level > 1; level--)
            features = Block(cat([Doubled(features, $"decoder{level}.transp_conv"), skips[level - 2]], 1), $"decoder{level}.conv_block");
        return functional.conv3d(features, Weight("out.conv.conv.weight"), Weight("out.conv.conv.bias")).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private Tensor[] Taps(Tensor volume)
    {
        if (_encoder is not null)
            return [.. _encoder.Features(volume, [.. _model.Options.Taps.Select(tap => tap.Block)]).Select(tap => tap.to(_type))];
        using var own = _model.Backbone.Features(volume, _model.Options.Taps);
        return [.. Enumerable.Range(0, _model.Options.Taps.Count).Select(tap => own[tap].to(_type).alias())];
    }

    private Tensor Block(Tensor input, string key)
    {
        using var scope = NewDisposeScope();
        var hidden = functional.leaky_relu(Norm(Convolved(input, key + ".conv1"), key + ".norm1"), 0.01, inplace: true);
        var result = Norm(Convolved(hidden, key + ".conv2"), key + ".norm2");
        result.add_(_weights.ContainsKey(key + ".conv3.conv.weight") ? Norm(Convolved(input, key + ".conv3"), key + ".norm3") : input, HeldScalar.One);
        return functional.leaky_relu(result, 0.01, inplace: true).MoveToOuterDisposeScope();
    }

    private Tensor Convolved(Tensor input, string key)
    {
        var weight = Weight(key + ".conv.weight");
        long padding = weight.shape[2] / 2;
        return functional.conv3d(input, weight, padding: [padding, padding, padding]);
    }

    private Tensor Doubled(Tensor input, string key) => functional.conv_transpose3d(input, Weight(key + ".conv.weight"), strides: [2, 2, 2]);

    private Tensor Norm(Tensor input, string key) => functional.instance_norm(
        input, weight: _weights.GetValueOrDefault(key + ".weight"), bias: _weights.GetValueOrDefault(key + ".bias"), use_input_stats: true, eps: 1e-5);

    private Tensor Weight(string key) => _weights[key].to(_type);
}
