namespace SamMed3D.Transfer;

/// <summary>
/// Shows the image as a coarser scan would: fewer voxels are taken from it, each the nearest, and the others are interpolated between them linearly
/// (nnU-Net takes a cubic here).
/// </summary>
public sealed record LowResolution() : IntensityAugmentation(0.25)
{
    /// <summary>Voxels of the coarse scan along each axis, as a share of the patch's.</summary>
    public ValueRange Zoom { get; init; } = new(0.5, 1);

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public LowResolution Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        Zoom.Require(nameof(Zoom), 0.01, 1);
        return this;
    }

    private protected override void Change(Span<float> channel, Size3 size, RandomStream random)
    {
        double zoom = Zoom.Draw(random);
        int Coarse(int extent) => Math.Max(1, (int)Math.Round(extent * zoom));
        var small = new Size3(Coarse(size.X), Coarse(size.Y), Coarse(size.Z));
        if (small == size)
            return;
        var coarse = new float[small.Count];
        int[] fromX = Nearest(size.X, small.X), fromY = Nearest(size.Y, small.Y), fromZ = Nearest(size.Z, small.Z);
        for (int x = 0, voxel = 0; x < small.X; x++)
            for (var y = 0; y < small.Y; y++)
                for (var z = 0; z < small.Z; z++, voxel++)
                    coarse[voxel] = channel[(fromX[x] * size.Y + fromY[y]) * size.Z + fromZ[z]];

        var (alongX, alongY, alongZ) = (Linear(size.X, small.X), Linear(size.Y, small.Y), Linear(size.Z, small.Z));
        var line = new float[small.Z];
        for (int x = 0, voxel = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
            {
                // The four coarse lines around this one, blended; then along it.
                var (lowX, highX, shareX) = alongX[x];
                var (lowY, highY, shareY) = alongY[y];
                ReadOnlySpan<float> a = Line(lowX, lowY), b = Line(lowX, highY), c = Line(highX, lowY), d = Line(highX, highY);
                for (var z = 0; z < line.Length; z++)
                    line[z] = Between(Between(a[z], b[z], shareY), Between(c[z], d[z], shareY), shareX);
                foreach (var (low, high, share) in alongZ)
                    channel[voxel++] = Between(line[low], line[high], share);
            }

        ReadOnlySpan<float> Line(int x, int y) => coarse.AsSpan((x * small.Y + y) * small.Z, small.Z);
    }

    private static int[] Nearest(int size, int small) => [.. Enumerable.Range(0, small).Select(i => Math.Min((int)((i + 0.5) * size / small), size - 1))];

    private static (int Low, int High, float Share)[] Linear(int size, int small) => [.. Enumerable.Range(0, size).Select(i =>
    {
        double place = Math.Clamp((i + 0.5) * small / size - 0.5, 0, small - 1);
        int low = (int)place;
        return (low, Math.Min(low + 1, small - 1), (float)(place - low));
    })];

    private static float Between(float low, float high, float share) => low + share * (high - low);
}
