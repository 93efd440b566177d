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
        int[] axes = Draw(uniform);
        return (Flip(image, axes), Flip(labels, axes));
    }

    /// <summary>The axes to mirror; three numbers are drawn whatever the options are.</summary>
    internal int[] Draw(Func<double> uniform)
    {
        double[] drawn = [uniform(), uniform(), uniform()];
        return [.. _options.Axes.Where(axis => drawn[axis] < _options.Probability)];
    }

    /// <summary>Mirrors a box in place, Z fastest.</summary>
    internal static void Mirror<T>(Span<T> box, Size3 size, int[] axes)
    {
        // Mirroring Z reverses each line, Y the lines of a plane, X the planes.
        foreach (int axis in axes)
        {
            int block = axis == 0 ? (int)size.Count : axis == 1 ? size.Y * size.Z : size.Z, part = block / size[axis];
            for (var start = 0; start < box.Length; start += block)
                if (part == 1)
                    box.Slice(start, block).Reverse();
                else
                    ReverseParts(box.Slice(start, block), part);
        }
    }

    private static void ReverseParts<T>(Span<T> block, int part)
    {
        var swapped = new T[part];
        for (int low = 0, high = block.Length - part; low < high; low += part, high -= part)
        {
            block.Slice(low, part).CopyTo(swapped);
            block.Slice(high, part).CopyTo(block[low..]);
            swapped.CopyTo(block[high..]);
        }
    }

    private static Tensor Flip(Tensor patch, int[] axes) =>
        axes is [] ? patch.alias() : patch.flip([.. axes.Select(axis => patch.ndim - 3 + axis)]);
}
