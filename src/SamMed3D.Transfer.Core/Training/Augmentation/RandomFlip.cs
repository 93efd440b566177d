namespace SamMed3D.Transfer;

/// <summary>Mirrors a patch along random axes, image and labels alike.</summary>
public sealed class RandomFlip
{
    private readonly RandomFlipOptions _options;

    /// <param name="options">Which axes, how often.</param>
    public RandomFlip(RandomFlipOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
    }

    /// <summary>Mirrors one patch.</summary>
    /// <param name="image">[..., X, Y, Z].</param>
    /// <param name="labels">[..., X, Y, Z], the same extents.</param>
    /// <param name="uniform">Gives random numbers in [0, 1), best as a function of seed, step and sample; three are drawn whatever the options are.</param>
    /// <returns>New tensors of the same shapes; the caller owns them.</returns>
    /// <exception cref="ArgumentException">The extents differ.</exception>
    public (Tensor Image, Tensor Labels) Apply(Tensor image, Tensor labels, Func<double> uniform)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(uniform);
        if (image.ndim < 3 || labels.ndim < 3 || !image.shape.AsSpan()[^3..].SequenceEqual(labels.shape.AsSpan()[^3..]))
            throw new ArgumentException(
                $"Image [{string.Join(", ", image.shape)}] and labels [{string.Join(", ", labels.shape)}] don't end with the same X, Y, Z.");
        double[] drawn = [uniform(), uniform(), uniform()];
        int[] axes = [.. _options.Axes.Where(axis => drawn[axis] < _options.Probability)];
        return (Flip(image, axes), Flip(labels, axes));
    }

    private static Tensor Flip(Tensor patch, int[] axes) =>
        axes is [] ? patch.alias() : patch.flip([.. axes.Select(axis => patch.ndim - 3 + axis)]);
}
