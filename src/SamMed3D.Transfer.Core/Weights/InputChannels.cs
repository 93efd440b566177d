namespace SamMed3D.Transfer;

/// <summary>Fits the kernels of a model's first layers to another number of input channels.</summary>
public static class InputChannels
{
    /// <summary>The layers that see the volume itself, by the end of their name: of SAM-Med3D's encoder, of MONAI's ViT, of a UNETR's first skip, of the residual U-Net.</summary>
    private static readonly string[] Layers =
    [
        "patch_embed.proj.weight", "patch_embedding.patch_embeddings.weight", "encoder1.layer.conv1.conv.weight", "encoder1.layer.conv3.conv.weight",
        "stem.conv.conv.weight",
    ];

    /// <summary>Whether the tensor of this name is such a kernel and can go from one shape to the other: 1 channel to several, or several to 1.</summary>
    /// <param name="name">A parameter's name.</param>
    /// <param name="from">The sizes that are there.</param>
    /// <param name="to">The sizes that are wanted.</param>
    public static bool CanAdapt(string name, IReadOnlyList<long> from, IReadOnlyList<long> to)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return Layers.Any(layer => name == layer || name.EndsWith("." + layer, StringComparison.Ordinal))
            && from.Count == 5 && to.Count == 5 && from[0] == to[0] && from.Skip(2).SequenceEqual(to.Skip(2))
            && from[1] > 0 && to[1] > 0 && (from[1] == 1 || to[1] == 1);
    }

    /// <summary>Adapts a kernel. Equal numbers of channels give the same values exactly.</summary>
    /// <param name="kernel">[E, C, X, Y, Z] of a floating-point type.</param>
    /// <param name="channels">The wanted C: any number from 1, or 1 from any number.</param>
    /// <param name="policy">How.</param>
    /// <returns>[E, channels, X, Y, Z] in the kernel's type; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The kernel has another shape, neither number is 1, or the policy is to refuse.</exception>
    public static Tensor Adapt(Tensor kernel, int channels, InputChannelPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (kernel.shape is not [_, var present, _, _, _] || channels < 1 || present < 1)
            throw new ArgumentException(
                $"Expected a kernel [E, C, X, Y, Z] and 1 or more channels, got {LoadReport.Text(kernel.shape)} and {channels}.", nameof(kernel));
        if (present == channels)
            return kernel.clone();
        if (policy == InputChannelPolicy.Refuse || (present != 1 && channels != 1))
            throw new ArgumentException(
                $"A kernel of {present} channels cannot be made one of {channels} under {policy}: one of the two must be 1.", nameof(channels));
        using var scope = NewDisposeScope();
        var wide = kernel.dtype == ScalarType.Float64 ? kernel.alias() : kernel.to(ScalarType.Float32);
        var adapted = (policy, present) switch
        {
            (InputChannelPolicy.Replicate, 1) => wide.expand(-1, channels, -1, -1, -1),
            (InputChannelPolicy.Replicate, _) => wide.mean([1], keepdim: true),
            (_, 1) => wide.div(channels).expand(-1, channels, -1, -1, -1),
            _ => wide.sum([1], keepdim: true),
        };
        return adapted.to(kernel.dtype).clone().contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>What <see cref="Adapt"/> does, for the ledger.</summary>
    internal static string Describe(long from, long to, InputChannelPolicy policy) => (policy, from) switch
    {
        (InputChannelPolicy.Replicate, 1) => $"input channels {from} -> {to}, the kernel repeated",
        (InputChannelPolicy.Replicate, _) => $"input channels {from} -> {to}, the kernels averaged",
        (_, 1) => $"input channels {from} -> {to}, the kernel repeated and divided by {to}",
        _ => $"input channels {from} -> {to}, the kernels added",
    };
}
