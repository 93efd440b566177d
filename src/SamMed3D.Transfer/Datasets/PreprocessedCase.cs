namespace SamMed3D.Transfer;

/// <summary>A case as the network sees it: RAS+, at the wanted spacing, normalised; and what is needed to go back. It owns its volumes.</summary>
public sealed class PreprocessedCase : IVoxelSource, IDisposable
{
    /// <summary>Voxels of logits that become labels at once.</summary>
    private const long SlabVoxels = 1 << 20;

    internal PreprocessedCase(string id, Volume image, LabelVolume? labels, Geometry source, IReadOnlyList<float> outsideValues)
    {
        Id = id;
        Image = image;
        Labels = labels;
        Source = source;
        OutsideValues = outsideValues;
    }

    /// <summary>The case's id.</summary>
    public string Id { get; }

    /// <summary>[C, X, Y, Z].</summary>
    public Volume Image { get; }

    /// <summary>[X, Y, Z] on the image's grid; null where the case has none.</summary>
    public LabelVolume? Labels { get; }

    /// <summary>The grid of the file that the image came from.</summary>
    public Geometry Source { get; }

    /// <summary>For each channel, what a voxel outside the image would hold after normalisation. Patches are padded with it.</summary>
    public IReadOnlyList<float> OutsideValues { get; }

    /// <summary>Memory of the voxels.</summary>
    public long Bytes => (Image.Channels + (Labels is null ? 0 : 1)) * sizeof(float) * Image.Geometry.Size.Count;

    /// <summary>
    /// Runs a network over the whole image. Where the image is smaller than the window it lies in its middle, with the same values around
    /// it as in training (a sliding window alone would put zeros there, which after normalisation are mean intensity).
    /// </summary>
    /// <param name="network">[1, C, X, Y, Z] to [1, K, X, Y, Z] of the same extents, such as a sliding window's Run; it leaves its input as it is, and gives its result away.</param>
    /// <param name="window">The least extents that the network is given.</param>
    /// <returns>[K, X, Y, Z] on the image's grid; the caller owns it.</returns>
    /// <exception cref="ArgumentException">The network changes the extents.</exception>
    public Tensor Predict(Func<Tensor, Tensor> network, Size3 window)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        var size = Image.Geometry.Size;
        var (input, before) = Padded(window);
        var logits = network(input);
        if (logits.shape is not [1, > 0, _, _, _] || !logits.shape.AsSpan(2).SequenceEqual(input.shape.AsSpan(2)))
            throw new ArgumentException(
                $"Expected the network to give [1, K, {string.Join(", ", input.shape[2..])}], got [{string.Join(", ", logits.shape)}].", nameof(network));
        return logits[0].narrow(1, before.X, size.X).narrow(2, before.Y, size.Y).narrow(3, before.Z, size.Z).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The most probable class of each voxel on the grid of the file. Where only the order of the voxels differs, each voxel goes back
    /// to its own place; else the class probabilities are interpolated linearly, and the largest wins.
    /// </summary>
    /// <param name="logits">[K, X, Y, Z] on the image's grid, any device and floating type; K = 1 is one class against background by a sigmoid.</param>
    /// <param name="scheme">
    /// What the channels mean where they are regions: then each region's probability is interpolated, and regions above one half are painted in their order.
    /// Null for classes.
    /// </param>
    /// <exception cref="ArgumentException">The logits have another shape.</exception>
    public LabelVolume Restore(Tensor logits, LabelScheme? scheme = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        var size = Image.Geometry.Size;
        if (logits.shape is not [> 0, var x, var y, var z] || x != size.X || y != size.Y || z != size.Z)
            throw new ArgumentException(
                $"Expected logits [K, {size.X}, {size.Y}, {size.Z}] on the grid of {Id}, got [{string.Join(", ", logits.shape)}].", nameof(logits));
        using var labels = BeginRestoring(logits.shape[0], scheme);
        int planes = (int)Math.Max(1, SlabVoxels / (size.Y * (long)size.Z));
        for (int first = 0; first < size.X; first += planes)
        {
            using var slab = logits.narrow(1, first, Math.Min(planes, size.X - first));
            labels.Add(slab);
        }

        return labels.Finish();
    }

    /// <summary>The same for logits that come a few planes at a time.</summary>
    /// <param name="channels">K.</param>
    /// <param name="scheme">As for <see cref="Restore(Tensor, LabelScheme?)"/>.</param>
    internal RestoredLabels BeginRestoring(long channels, LabelScheme? scheme) => IsReordered
        ? new ReorderedLabels(Image.Geometry, Source, scheme, channels)
        : new InterpolatedLabels(Image.Geometry, Source, scheme, channels);

    /// <summary>The image amid the values of outside, at least as large as a window; it may share its memory with the image.</summary>
    /// <returns>[1, C, X, Y, Z], which the caller owns, and where the image begins in it.</returns>
    internal (Tensor Input, Size3 Before) Padded(Size3 window)
    {
        using var scope = NewDisposeScope();
        var size = Image.Geometry.Size;
        var padded = new Size3(Math.Max(size.X, window.X), Math.Max(size.Y, window.Y), Math.Max(size.Z, window.Z));
        if (padded == size)
            return (Image.Values.unsqueeze(0).MoveToOuterDisposeScope(), 0);
        var before = new Size3((padded.X - size.X) / 2, (padded.Y - size.Y) / 2, (padded.Z - size.Z) / 2);
        var input = Outside(padded);
        new PatchPlace(-before.X, -before.Y, -before.Z).Copy(Image.Values, input);
        return (input.unsqueeze(0).MoveToOuterDisposeScope(), before);
    }

    /// <summary>Labels on the grid of the file: each voxel at its own place where only the order differs, else from the nearest voxel.</summary>
    /// <param name="labels">On the image's grid; they stay the caller's.</param>
    /// <exception cref="ArgumentException">They lie on another grid.</exception>
    public LabelVolume Restore(LabelVolume labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (!labels.Geometry.Matches(Image.Geometry))
            throw new ArgumentException($"Expected labels on the grid of {Id} ({Image.Geometry}), got {labels.Geometry}.", nameof(labels));
        // Reordered, it gets the grid of the file itself, not one that was computed back and differs in the last digit.
        return IsReordered ? new LabelVolume(Reorientation.To(labels, Source.Orientation).Values, Source) : GridResampler.ToGrid(labels, Source);
    }

    /// <inheritdoc/>
    Geometry IVoxelSource.Geometry => Image.Geometry;

    /// <inheritdoc/>
    int IVoxelSource.Channels => Image.Channels;

    /// <inheritdoc/>
    bool IVoxelSource.HasLabels => Labels is not null;

    /// <inheritdoc/>
    void IVoxelSource.ReadImage(int channel, PatchPlace place, Size3 size, Span<float> box) =>
        place.Copy(Image.Voxels(channel), Image.Geometry.Size, box, size);

    /// <inheritdoc/>
    void IVoxelSource.ReadLabels(PatchPlace place, Size3 size, Span<int> box) =>
        place.Copy(Labels!.Voxels(), Labels.Geometry.Size, box, size);

    /// <inheritdoc/>
    public void Dispose()
    {
        Image.Dispose();
        Labels?.Dispose();
    }

    /// <summary>[C, X, Y, Z] of nothing but outside.</summary>
    internal Tensor Outside(Size3 size)
    {
        using var scope = NewDisposeScope();
        return tensor(OutsideValues.ToArray()).view(-1, 1, 1, 1).expand(-1, size.X, size.Y, size.Z).clone().MoveToOuterDisposeScope();
    }

    /// <summary>Whether the file's grid is the image's with its axes in another order.</summary>
    private bool IsReordered => Reorientation.To(Image.Geometry, Source.Orientation).Matches(Source);
}
