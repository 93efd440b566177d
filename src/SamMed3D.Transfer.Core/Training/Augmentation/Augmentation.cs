namespace SamMed3D.Transfer;

/// <summary>
/// Varies training patches. It works in plain loops on the calling thread, in time linear in the voxels, so that the threads of a loader do not
/// fight over torch's; chance comes from the stream that is given and from nowhere else.
/// </summary>
public sealed class Augmentation
{
    private readonly AugmentationOptions _options;
    private readonly IntensityAugmentation[] _intensities;

    /// <param name="options">What is done, how often and how strongly.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public Augmentation(AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validated();
        _intensities = [.. options.Intensities];
    }

    /// <summary>Varies one patch; what turns into it from beyond its faces is what lies outside.</summary>
    /// <param name="image">[C, X, Y, Z], float32, contiguous, on the CPU.</param>
    /// <param name="labels">[X, Y, Z], int64, contiguous, on the CPU.</param>
    /// <param name="spacing">In mm along X, Y, Z: angles and bends are true in the body.</param>
    /// <param name="outside">The intensity outside, for each channel; the label outside is 0.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>New tensors of the same shapes; the caller owns them.</returns>
    /// <exception cref="ArgumentException">The tensors have other shapes, types, layouts or devices.</exception>
    public (Tensor Image, Tensor Labels) Apply(Tensor image, Tensor labels, Double3 spacing, IReadOnlyList<float> outside, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(outside);
        ArgumentNullException.ThrowIfNull(random);
        var size = SizeOf(image);
        VoxelMemory.Require(labels, ScalarType.Int64, size, hasChannels: false);
        int channels = (int)image.shape[0];
        if (outside.Count != channels)
            throw new ArgumentException($"Expected an intensity outside for each of {channels} channels, got {outside.Count}.", nameof(outside));
        var (newImage, newLabels) = (empty_like(image), empty_like(labels));
        Span<float> voxels = VoxelMemory.Of<float>(image, 0, image.numel()), patch = VoxelMemory.Of<float>(newImage, 0, image.numel());
        Span<long> classes = VoxelMemory.Of<long>(labels, 0, labels.numel()), newClasses = VoxelMemory.Of<long>(newLabels, 0, labels.numel());
        if (DrawSpatial(size, spacing, random) is { } spatial)
        {
            var box = new float[channels * spatial.BoxSize.Count];
            for (var channel = 0; channel < channels; channel++)
            {
                var part = box.AsSpan(channel * (int)spatial.BoxSize.Count, (int)spatial.BoxSize.Count);
                part.Fill(outside[channel]);
                Place(voxels.Slice(channel * (int)size.Count, (int)size.Count), size, spatial, part);
            }

            var classBox = new long[spatial.BoxSize.Count];
            Place(classes, size, spatial, classBox);
            spatial.Image(box, patch);
            spatial.Labels(classBox, newClasses);
        }
        else
        {
            voxels.CopyTo(patch);
            classes.CopyTo(newClasses);
        }

        ChangeIntensities(patch, size, random);
        return (newImage, newLabels);
    }

    /// <summary>The extents of a patch in memory that can be worked on.</summary>
    internal static Size3 SizeOf(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.shape is not [> 0, > 0 and var x, > 0 and var y, > 0 and var z])
            throw new ArgumentException($"Expected [C, X, Y, Z], got [{string.Join(", ", image.shape)}].", nameof(image));
        var size = new Size3((int)x, (int)y, (int)z);
        VoxelMemory.Require(image, ScalarType.Float32, size, hasChannels: true);
        return size;
    }

    /// <summary>The map of one patch; null where it is not moved.</summary>
    internal SpatialTransform? DrawSpatial(Size3 size, Double3 spacing, RandomStream random) => SpatialTransform.Draw(_options, size, spacing, random);

    /// <summary>Changes the intensities of one patch in place, [C, X, Y, Z].</summary>
    internal void ChangeIntensities(Span<float> image, Size3 size, RandomStream random)
    {
        foreach (var one in _intensities)
            one.Apply(image, size, random);
    }

    /// <summary>Copies a patch into the box around it, or what of it the box has.</summary>
    private static void Place<T>(ReadOnlySpan<T> patch, Size3 size, SpatialTransform spatial, Span<T> box)
    {
        var (begin, extents) = (spatial.Begin, spatial.BoxSize);
        int first = Math.Max(begin.Z, 0), length = Math.Min(begin.Z + extents.Z, size.Z) - first;
        for (int x = Math.Max(begin.X, 0); x < Math.Min(begin.X + extents.X, size.X); x++)
            for (int y = Math.Max(begin.Y, 0); y < Math.Min(begin.Y + extents.Y, size.Y); y++)
                patch.Slice((x * size.Y + y) * size.Z + first, length).CopyTo(box[(((x - begin.X) * extents.Y + y - begin.Y) * extents.Z + first - begin.Z)..]);
    }
}
