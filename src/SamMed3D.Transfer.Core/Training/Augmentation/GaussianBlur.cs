using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>Convolves the image with a Gaussian, axis by axis; the outermost voxels stand for what is beyond them.</summary>
public sealed record GaussianBlur() : IntensityAugmentation(0.2)
{
    // Beyond three deviations lie 0.3% of the weight.
    private const double Cut = 3;

    /// <summary>Standard deviation of the Gaussian, in voxels.</summary>
    public ValueRange Deviation { get; init; } = new(0.5, 1);

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public GaussianBlur Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        Deviation.Require(nameof(Deviation), 0, 50);
        return this;
    }

    private protected override void Change(Span<float> channel, Size3 size, RandomStream random)
    {
        float[] kernel = Kernel(Deviation.Draw(random));
        if (kernel.Length == 1)
            return;
        float[] rented = ArrayPool<float>.Shared.Rent(channel.Length);
        var other = rented.AsSpan(0, channel.Length);
        AcrossBlocks(channel, other, 1, size.X, size.Y * size.Z, kernel);
        AcrossBlocks(other, channel, size.X, size.Y, size.Z, kernel);
        AlongLines(channel, size.Z, kernel);
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Weights of the distances 0, 1, 2, ... to either side.</summary>
    private static float[] Kernel(double deviation)
    {
        int radius = (int)Math.Ceiling(Cut * deviation);
        double[] weights = [.. Enumerable.Range(0, radius + 1).Select(distance => distance == 0 ? 1 : Math.Exp(-0.5 * distance * distance / (deviation * deviation)))];
        double sum = 2 * weights.Sum() - weights[0];
        return [.. weights.Select(weight => (float)(weight / sum))];
    }

    /// <summary>Along an axis whose neighbours are blocks of memory.</summary>
    private static void AcrossBlocks(ReadOnlySpan<float> from, Span<float> to, int groups, int count, int block, float[] kernel)
    {
        for (var group = 0; group < groups; group++)
        {
            ReadOnlySpan<float> whole = from.Slice(group * count * block, count * block);
            for (var at = 0; at < count; at++)
            {
                var target = to.Slice((group * count + at) * block, block);
                target.Clear();
                for (int distance = 1 - kernel.Length; distance < kernel.Length; distance++)
                    AddScaled(whole.Slice(Math.Clamp(at + distance, 0, count - 1) * block, block), kernel[Math.Abs(distance)], target);
            }
        }
    }

    private static void AlongLines(Span<float> channel, int length, float[] kernel)
    {
        int radius = kernel.Length - 1;
        var padded = new float[length + 2 * radius];
        for (var start = 0; start < channel.Length; start += length)
        {
            var line = channel.Slice(start, length);
            padded.AsSpan(0, radius).Fill(line[0]);
            line.CopyTo(padded.AsSpan(radius));
            padded.AsSpan(radius + length).Fill(line[^1]);
            line.Clear();
            for (int distance = -radius; distance <= radius; distance++)
                AddScaled(padded.AsSpan(radius + distance, length), kernel[Math.Abs(distance)], line);
        }
    }

    private static void AddScaled(ReadOnlySpan<float> from, float weight, Span<float> to)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(to);
        var source = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (var i = 0; i < vectors.Length; i++)
            vectors[i] += source[i] * weight;
        for (int i = vectors.Length * Vector<float>.Count; i < to.Length; i++)
            to[i] += from[i] * weight;
    }
}
