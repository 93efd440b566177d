namespace SamMed3D.Transfer;

/// <summary>An encoder whose blocks can be tapped: what a decoder such as <c>Unetr</c> needs to know about it.</summary>
public abstract class Backbone : Module<Tensor, Tensor>
{
    /// <summary>Leaves name themselves and register their own fields.</summary>
    protected Backbone(string name)
        : base(name)
    {
    }

    /// <summary>What this encoder was built with.</summary>
    public abstract BackboneOptions Options { get; }

    /// <summary>Runs the blocks up to the last one tapped.</summary>
    /// <param name="volume">[N, C, X, Y, Z], a size that <see cref="BackboneOptions.WhyRefused"/> accepts.</param>
    /// <param name="taps">Which blocks, in any order; one feature map comes back for each, in this order.</param>
    /// <returns>The feature maps; the caller owns them.</returns>
    /// <exception cref="ArgumentException">The volume has another shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tap names a block that is not there.</exception>
    public abstract BackboneFeatures Features(Tensor volume, IReadOnlyList<FeatureTap> taps);

    /// <summary>Whether blocks are computed again in the backward pass: see <see cref="GradientCheckpointing"/>.</summary>
    internal bool IsCheckpointed { get; set; }

    /// <summary>Runs one block.</summary>
    private protected Tensor Run(Module<Tensor, Tensor> block, Tensor tokens) =>
        IsCheckpointed ? CheckpointedBlock.Run(block, tokens) : block.call(tokens);

    /// <summary>Throws unless every tap names a block of this encoder.</summary>
    protected void RequireTaps(IReadOnlyList<FeatureTap> taps)
    {
        ArgumentNullException.ThrowIfNull(taps);
        foreach (var tap in taps)
            if (tap.Block < 0 || tap.Block >= Options.BlockCount)
                throw new ArgumentOutOfRangeException(nameof(taps), tap.Block,
                    $"Tap {tap.Block} is outside the encoder's blocks 0 to {Options.BlockCount - 1}.");
    }

    /// <summary>Throws unless the volume is [N, C, X, Y, Z] of a size that this encoder takes.</summary>
    /// <returns>The volume's extents.</returns>
    protected Size3 RequireVolume(Tensor volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (volume.shape is not [_, var channels, var x, var y, var z] || channels != Options.InputChannels)
            throw new ArgumentException(
                $"Expected a volume [N, {Options.InputChannels}, X, Y, Z], got [{string.Join(", ", volume.shape)}].", nameof(volume));
        var size = new Size3((int)x, (int)y, (int)z);
        if (Options.WhyRefused(size) is { } reason)
            throw new ArgumentException(reason, nameof(volume));
        return size;
    }
}
