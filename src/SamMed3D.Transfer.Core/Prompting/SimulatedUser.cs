namespace SamMed3D.Transfer;

/// <summary>A user who knows the truth: clicks where a prediction is wrong. The first click falls into the object.</summary>
/// <param name="strategy">Where in the wrong region.</param>
/// <param name="random">Decides among the voxels; seed it for clicks that can be repeated.</param>
public sealed class SimulatedUser(ClickStrategy strategy, Random random)
{
    /// <summary>The next click.</summary>
    /// <param name="truth">[X, Y, Z], bool: the object.</param>
    /// <param name="prediction">[X, Y, Z], bool; null before the first prediction.</param>
    /// <returns>A voxel, and whether it belongs to the object; null where the prediction is perfect.</returns>
    /// <exception cref="ArgumentException">The shapes differ or are no volume, or a tensor is not bool.</exception>
    public (VoxelIndex Voxel, bool IsForeground)? Next(Tensor truth, Tensor? prediction = null)
    {
        ArgumentNullException.ThrowIfNull(truth);
        foreach (var mask in new[] { truth, prediction })
            if (mask is not null && (mask.ndim != 3 || mask.dtype != ScalarType.Bool || !mask.shape.SequenceEqual(truth.shape)))
                throw new ArgumentException(
                    $"Expected bool masks [X, Y, Z] of one shape, got {mask.dtype} [{string.Join(", ", mask.shape)}] beside [{string.Join(", ", truth.shape)}].");
        using var scope = NewDisposeScope();
        var missing = prediction is null ? truth : truth & ~prediction;
        var excess = prediction is null ? zeros_like(truth) : prediction & ~truth;
        var candidates = strategy == ClickStrategy.Random ? missing | excess : Deep(missing, excess);
        var places = candidates.flatten().nonzero().cpu();
        if (places.shape[0] == 0)
            return null;
        long place = places[random.NextInt64(places.shape[0]), 0].item<long>();
        var (rows, columns) = (truth.shape[1], truth.shape[2]);
        var voxel = new VoxelIndex((int)(place / (rows * columns)), (int)(place / columns % rows), (int)(place % columns));
        return (voxel, missing.flatten()[place].item<bool>());
    }

    private static Tensor Deep(Tensor missing, Tensor excess)
    {
        var size = new Size3((int)missing.shape[0], (int)missing.shape[1], (int)missing.shape[2]);
        float[] inMissing = Depth(missing, size), inExcess = Depth(excess, size);
        float deepest = Math.Max(inMissing.Max(), inExcess.Max());
        // Where both are equally deep, the published code takes what is too much.
        float[] chosen = inMissing.Max() > inExcess.Max() ? inMissing : inExcess;
        return tensor(chosen).reshape(size.X, size.Y, size.Z) > deepest / 2;
    }

    private static float[] Depth(Tensor mask, Size3 size)
    {
        using var flat = mask.cpu().contiguous();
        return DistanceTransform.Inside(flat.data<bool>().ToArray(), size, new Double3(1, 1, 1));
    }
}
