namespace SamMed3D.Transfer;

/// <summary>
/// The regions around targets that a promptable model is trained and validated on: cut around the target as SAM-Med3D does, then normalised by
/// the voxels above 0 of the region (each by its own, as in SAM-Med3D's inference; its training shares one mean over a batch).
/// </summary>
public sealed class TargetRegions
{
    private readonly CaseStore _cases;

    /// <param name="cases">Cases at the wanted spacing with their intensities unchanged (<see cref="Normalization.None"/>). They stay the caller's.</param>
    /// <param name="size">Voxels of a region.</param>
    /// <param name="minimumVoxels">Smaller targets are left out.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="InvalidDataException">A case is damaged.</exception>
    public TargetRegions(CaseStore cases, Size3 size, int minimumVoxels, IProgress<string>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        _cases = cases;
        Size = size;
        var targets = new List<Target>();
        for (var index = 0; index < cases.Count; index++)
        {
            stop.ThrowIfCancellationRequested();
            using var lease = cases.Lease(index);
            var found = lease.Case.HasLabels ? Target.Of(index, lease.Case) : throw new ArgumentException($"Case {lease.Case.Id} has no labels.");
            targets.AddRange(Anchored([.. found.Where(target => target.VoxelCount >= minimumVoxels)], lease.Case));
            LeftOut += found.Count(target => target.VoxelCount < minimumVoxels);
            progress?.Report(lease.Case.Id);
        }

        Targets = targets;
    }

    /// <summary>The targets, by case and label.</summary>
    public IReadOnlyList<Target> Targets { get; }

    /// <summary>How many targets are too small.</summary>
    public int LeftOut { get; }

    /// <summary>The region around a target.</summary>
    /// <param name="target">One of <see cref="Targets"/>.</param>
    /// <param name="shift">Voxels by which the middle of the region lies off the middle of the target, along X, Y, Z.</param>
    /// <returns>The image [C, X, Y, Z], float32, normalised, and the target [1, X, Y, Z], int64, 0 or 1; the caller owns both.</returns>
    /// <exception cref="InvalidDataException">The region cannot be normalised; the message has the case.</exception>
    public (Tensor Image, Tensor Labels) Cut(Target target, VoxelIndex shift = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        using var scope = NewDisposeScope();
        var image = empty([ChannelsOf(target), .. Size.ToArray()], ScalarType.Float32);
        var labels = empty([1, .. Size.ToArray()], ScalarType.Int64);
        Cut(target, shift, null, VoxelMemory.Of<float>(image, 0, image.numel()), VoxelMemory.Of<long>(labels, 0, labels.numel()));
        return (image.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }

    /// <summary>Voxels of a region.</summary>
    internal Size3 Size { get; }

    /// <summary>Channels of the target's image.</summary>
    internal int ChannelsOf(Target target)
    {
        using var lease = _cases.Lease(target.CaseIndex);
        return lease.Case.Channels;
    }

    /// <summary>Spacing of the target's image, in mm.</summary>
    internal Double3 SpacingOf(Target target)
    {
        using var lease = _cases.Lease(target.CaseIndex);
        return lease.Case.Geometry.Spacing;
    }

    /// <summary>Cuts a region into memory. Safe for several threads.</summary>
    /// <param name="target">One of <see cref="Targets"/>.</param>
    /// <param name="shift">Voxels by which the middle of the region lies off the middle of the target.</param>
    /// <param name="spatial">How it is turned, scaled and bent; null for not at all.</param>
    /// <param name="image">[C, X, Y, Z], to be filled.</param>
    /// <param name="labels">[X, Y, Z], to be filled.</param>
    internal void Cut(Target target, VoxelIndex shift, SpatialTransform? spatial, Span<float> image, Span<long> labels)
    {
        var begin = BeginOf(target);
        var place = new PatchPlace(begin.X + shift.X, begin.Y + shift.Y, begin.Z + shift.Z);
        using var lease = _cases.Lease(target.CaseIndex);
        var cut = new PatchCut(lease.Case, place, Size, spatial);
        cut.Image(image);
        cut.Labels(labels, target.Label);
        try
        {
            for (int start = 0, count = (int)Size.Count; start < image.Length; start += count)
                IntensityNormalization.ZScoreOverPositive(image.Slice(start, count));
        }
        catch (ArgumentException reason)
        {
            throw new InvalidDataException($"Case {target.CaseId}, label {target.Label}: {reason.Message}", reason);
        }
    }

    private VoxelIndex BeginOf(Target target)
    {
        if (target.Anchor is { } anchor)
            return new(anchor.X - Size.X / 2, anchor.Y - Size.Y / 2, anchor.Z - Size.Z / 2);
        static int Begin(int first, int last, int extent) => (int)Math.Floor((first + last + 1 - extent) / 2.0);
        return new(Begin(target.First.X, target.Last.X, Size.X), Begin(target.First.Y, target.Last.Y, Size.Y), Begin(target.First.Z, target.Last.Z, Size.Z));
    }

    /// <summary>
    /// The middle of a box that is larger than a region may lie in a gap, as between two kidneys: there is nothing to click on then. Such targets are
    /// cut around their voxel that is nearest to the middle.
    /// </summary>
    private IEnumerable<Target> Anchored(Target[] targets, IVoxelSource one)
    {
        var wide = targets.Where(target => target.Last.X - target.First.X >= Size.X || target.Last.Y - target.First.Y >= Size.Y || target.Last.Z - target.First.Z >= Size.Z)
            .ToDictionary(target => target.Label);
        if (wide.Count == 0)
            return targets;
        var begins = wide.Values.ToDictionary(target => target.Label, BeginOf);
        var nearest = new Dictionary<int, (VoxelIndex Voxel, long Distance)>();
        var extents = one.Geometry.Size;
        LabelSlabs.Visit(one, (labels, first) =>
        {
            for (var i = 0; i < labels.Length; i++)
            {
                int label = labels[i];
                if (label <= 0 || !begins.TryGetValue(label, out var begin))
                    continue;
                int voxel = first + i;
                var at = new VoxelIndex(voxel / (extents.Y * extents.Z), voxel / extents.Z % extents.Y, voxel % extents.Z);
                long x = at.X - begin.X, y = at.Y - begin.Y, z = at.Z - begin.Z;
                if (x >= 0 && x < Size.X && y >= 0 && y < Size.Y && z >= 0 && z < Size.Z)
                    begins.Remove(label); // The region shows some of it.
                else if (Squared(x, Size.X) + Squared(y, Size.Y) + Squared(z, Size.Z) is var distance
                    && (!nearest.TryGetValue(label, out var known) || distance < known.Distance))
                    nearest[label] = (at, distance);
            }
        });
        return targets.Select(target => begins.ContainsKey(target.Label) ? target with { Anchor = nearest[target.Label].Voxel } : target);

        // Twice the distance from the middle, squared.
        static long Squared(long inside, int extent) => (2 * inside + 1 - extent) * (2 * inside + 1 - extent);
    }
}
