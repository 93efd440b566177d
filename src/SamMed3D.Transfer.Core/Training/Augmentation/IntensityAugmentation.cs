namespace SamMed3D.Transfer;

/// <summary>Changes the intensities of a patch, never its labels. Every channel draws its own strength.</summary>
public abstract record IntensityAugmentation
{
    private protected IntensityAugmentation(double probability) => Probability = probability;

    /// <summary>Share of the patches that are changed.</summary>
    public double Probability { get; init; }

    /// <summary>Changes a patch in place, or leaves it as it is, as chance has it.</summary>
    /// <param name="image">[C, X, Y, Z], float32, contiguous, on the CPU.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <exception cref="ArgumentException">The image has another shape, type, layout or device.</exception>
    public void Apply(Tensor image, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var size = Augmentation.SizeOf(image);
        Apply(VoxelMemory.Of<float>(image, 0, image.numel()), size, random);
    }

    /// <summary>The same for memory.</summary>
    internal void Apply(Span<float> image, Size3 size, RandomStream random)
    {
        if (!(random.Uniform() < Probability))
            return;
        for (int start = 0, count = (int)size.Count; start < image.Length; start += count)
            Change(image.Slice(start, count), size, random);
    }

    /// <summary>Changes one channel.</summary>
    private protected abstract void Change(Span<float> channel, Size3 size, RandomStream random);
}
