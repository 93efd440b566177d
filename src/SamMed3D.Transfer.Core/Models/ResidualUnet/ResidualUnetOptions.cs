namespace SamMed3D.Transfer;

/// <summary>
/// Size of a residual U-Net. The defaults are those of nnU-Net's residual encoder presets (Isensee et al. 2024, arXiv 2404.09556), which among themselves
/// differ in the image size that a GPU's memory allows: 128^3 voxels on six stages of 32, 64, 128, 256, 320 and 320 channels.
/// </summary>
public sealed record ResidualUnetOptions : ModelOptions
{
    /// <summary>No axis is halved to fewer voxels: nnU-Net's smallest feature map.</summary>
    private const int ShortestAxis = 4;

    /// <summary>Convolutions in multiples of it are right and fast on a CPU.</summary>
    private const int ChannelBlock = 16;

    private static readonly int[] PublishedBlocks = [1, 3, 4, 6];

    /// <summary>Channels of the input volume.</summary>
    public int InputChannels { get; init; } = 1;

    /// <summary>Voxels of the volume that the network is built for. Each extent is a multiple of the product of its <see cref="Strides"/>.</summary>
    public Size3 ImageSize { get; init; } = 128;

    /// <summary>Channels of the first stage; they double with each further one. A multiple of 16.</summary>
    public int FeatureSize { get; init; } = 32;

    /// <summary>No stage has more channels. A multiple of 16.</summary>
    public int MaximumFeatureSize { get; init; } = 320;

    /// <summary>
    /// Voxels that each stage steps along each axis, 1 or 2; those of the first stage, which keeps the resolution, are 1. Null to derive them from
    /// <see cref="ImageSize"/> for cubic voxels (<see cref="StridesFor"/>); in a run file, for the spacing of its preprocessing.
    /// </summary>
    public IReadOnlyList<Size3>? Strides { get; init; }

    /// <summary>Residual blocks of each of the stages that <see cref="Strides"/> name; null for the published 1, 3, 4, and 6 in all that follow.</summary>
    public IReadOnlyList<int>? BlockCounts { get; init; }

    /// <inheritdoc/>
    public override int VolumeChannels => InputChannels;

    /// <inheritdoc/>
    public override Size3 VolumeSize => ImageSize;

    /// <summary>Stages of the encoder.</summary>
    public int StageCount => StageStrides.Count;

    /// <summary>Voxels along each axis for one of the last stage.</summary>
    public Size3 TotalStride => StageStrides.Aggregate(new Size3(1, 1, 1), (total, stride) => new(total.X * stride.X, total.Y * stride.Y, total.Z * stride.Z));

    /// <summary>The strides, derived where they are not given.</summary>
    internal IReadOnlyList<Size3> StageStrides => Strides ?? StridesFor(ImageSize, 1);

    /// <summary>
    /// The strides that suit an image: every further stage halves each axis that has 8 voxels or more and whose voxels are less than twice as long as the
    /// shortest among those axes; a single axis is only halved as long as it has 12. So slices far apart are kept until the others have become as coarse. nnU-Net's rule.
    /// </summary>
    /// <param name="imageSize">In voxels.</param>
    /// <param name="spacing">Of a voxel, in mm.</param>
    public static IReadOnlyList<Size3> StridesFor(Size3 imageSize, Double3 spacing)
    {
        List<Size3> strides = [1];
        int[] size = [imageSize.X, imageSize.Y, imageSize.Z];
        double[] edge = [spacing.X, spacing.Y, spacing.Z];
        while (true)
        {
            int[] axes = [.. Enumerable.Range(0, 3).Where(axis => size[axis] >= 2 * ShortestAxis)];
            double shortest = axes.Select(axis => edge[axis]).DefaultIfEmpty().Min();
            axes = [.. axes.Where(axis => edge[axis] < 2 * shortest)];
            if (axes is [] || (axes is [var only] && size[only] < 3 * ShortestAxis))
                return strides;
            foreach (int axis in axes)
            {
                size[axis] = (size[axis] + 1) / 2;
                edge[axis] *= 2;
            }

            int Stride(int axis) => axes.Contains(axis) ? 2 : 1;
            strides.Add(new(Stride(0), Stride(1), Stride(2)));
        }
    }

    /// <summary>These options with strides for this spacing and the published blocks, where they say nothing of their own.</summary>
    /// <param name="spacing">Of a voxel, in mm.</param>
    public ResidualUnetOptions Resolved(Double3 spacing)
    {
        var strides = Strides ?? StridesFor(ImageSize, spacing);
        return this with { Strides = strides, BlockCounts = BlockCounts ?? [.. Enumerable.Range(0, strides.Count).Select(PublishedBlocksOf)] };
    }

    /// <summary>Residual blocks of a stage.</summary>
    internal int BlocksOf(int stage) => BlockCounts is null ? PublishedBlocksOf(stage) : BlockCounts[stage];

    /// <summary>Channels of a stage.</summary>
    internal int ChannelsOf(int stage) => (int)Math.Min((long)FeatureSize << stage, MaximumFeatureSize);

    /// <inheritdoc/>
    public override ResidualUnet Create() => new(this);

    /// <inheritdoc/>
    public override string? WhyRefused(Size3 volume)
    {
        var total = TotalStride;
        bool fits = Enumerable.Range(0, 3).All(axis => volume[axis] > 0 && volume[axis] % total[axis] == 0);
        return fits ? null : $"A volume of {volume} voxels cannot be halved as often as the {StageCount} stages ask; sizes that fit are multiples of {total}, "
            + $"such as {Rounded(volume, total, 0)} or {Rounded(volume, total, 1)}.";
    }

    /// <summary>These options, when they fit together.</summary>
    /// <exception cref="ArgumentException">They contradict each other; the message names both sides.</exception>
    public ResidualUnetOptions Validated()
    {
        if (ClassCount < 0)
            throw new ArgumentException($"ClassCount is {ClassCount}; it must be at least 1.");
        if (InputChannels < 1)
            throw new ArgumentException($"InputChannels is {InputChannels}; it must be at least 1.");
        if (ImageSize.X < 1 || ImageSize.Y < 1 || ImageSize.Z < 1)
            throw new ArgumentException($"ImageSize is {ImageSize}; give voxels along three axes.");
        if (FeatureSize < ChannelBlock || FeatureSize % ChannelBlock != 0)
            throw new ArgumentException($"FeatureSize is {FeatureSize}; it must be a multiple of {ChannelBlock}: others are slow and, by LibTorch, wrong on some CPUs.");
        if (MaximumFeatureSize < FeatureSize || MaximumFeatureSize % ChannelBlock != 0)
            throw new ArgumentException($"MaximumFeatureSize is {MaximumFeatureSize}; it must be a multiple of {ChannelBlock}, at least FeatureSize, which is {FeatureSize}.");
        if (StageStrides.Count == 0 || StageStrides[0] != 1)
            throw new ArgumentException($"Strides are [{string.Join(", ", StageStrides)}]; give one for each stage, the first of which is 1, such as [1, 2, 2].");
        if (StageStrides.Any(stride => Enumerable.Range(0, 3).Any(axis => stride[axis] is not (1 or 2))))
            throw new ArgumentException($"Strides are [{string.Join(", ", StageStrides)}]; each is 1 or 2 along an axis.");
        if (BlockCounts is not null && BlockCounts.Count != Strides?.Count)
            throw new ArgumentException($"BlockCounts name {BlockCounts.Count} stages, but Strides {(Strides is null ? "are not given; give both" : $"name {Strides.Count}")}.");
        if (BlockCounts?.Any(count => count < 1) == true)
            throw new ArgumentException("BlockCounts must be at least 1 in each stage.");
        return this;
    }

    private static int PublishedBlocksOf(int stage) => PublishedBlocks[Math.Min(stage, PublishedBlocks.Length - 1)];

    private static Size3 Rounded(Size3 volume, Size3 step, int up)
    {
        int Round(int axis) => Math.Max(1, volume[axis] / step[axis] + (volume[axis] % step[axis] == 0 ? 0 : up)) * step[axis];
        return new(Round(0), Round(1), Round(2));
    }
}
