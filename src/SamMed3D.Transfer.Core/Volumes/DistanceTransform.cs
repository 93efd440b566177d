namespace SamMed3D.Transfer;

/// <summary>
/// Exact Euclidean distances within a mask, in time linear in the voxels: the lower envelope of parabolas, axis by axis (Felzenszwalb and
/// Huttenlocher, Theory of Computing 8, 2012).
/// </summary>
public static class DistanceTransform
{
    /// <summary>Eight doubles are a cache line; four of those at a time.</summary>
    private const int LinesTogether = 32;

    /// <summary>How deep each voxel lies in the mask.</summary>
    /// <param name="mask">[X, Y, Z] in C order: true inside.</param>
    /// <param name="size">X, Y, Z.</param>
    /// <param name="spacing">mm from voxel to voxel; (1, 1, 1) gives distances in voxels.</param>
    /// <param name="isBorderOutside">Whether all voxels beyond the border count as outside.</param>
    /// <returns>The distance from each voxel's centre to that of the nearest voxel outside; 0 outside; infinite where there is none.</returns>
    /// <exception cref="ArgumentException">The mask has another number of voxels than the size, or a spacing is not positive.</exception>
    public static float[] Inside(ReadOnlySpan<bool> mask, Size3 size, Double3 spacing, bool isBorderOutside = true)
    {
        double[] squared = SquaredInside(mask, size, spacing, isBorderOutside);
        return Array.ConvertAll(squared, value => (float)Math.Sqrt(value));
    }

    /// <summary>The squares of the distances of <see cref="Inside"/>, in double precision.</summary>
    internal static double[] SquaredInside(ReadOnlySpan<bool> mask, Size3 size, Double3 spacing, bool isBorderOutside)
    {
        if (mask.Length != size.Count)
            throw new ArgumentException($"Expected {size.Count} voxels for {size}, got {mask.Length}.", nameof(mask));
        if (!(spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0))
            throw new ArgumentException($"Spacing {spacing} is not positive.", nameof(spacing));
        var squared = new double[mask.Length];
        for (int first = 0; first < mask.Length; first += size.Z)
            AlongMask(mask.Slice(first, size.Z), squared.AsSpan(first, size.Z), spacing.Z, isBorderOutside);
        Along(squared, size.Y, size.Z, spacing.Y, isBorderOutside);
        Along(squared, size.X, size.Y * size.Z, spacing.X, isBorderOutside);
        return squared;
    }

    /// <summary>The first axis knows only inside and outside: the nearest outside is the last one seen from either end.</summary>
    private static void AlongMask(ReadOnlySpan<bool> mask, Span<double> squared, double spacing, bool isBorderOutside)
    {
        double steps = isBorderOutside ? 0 : double.PositiveInfinity;
        for (var k = 0; k < mask.Length; k++)
        {
            steps = mask[k] ? steps + 1 : 0;
            squared[k] = steps;
        }

        steps = isBorderOutside ? 0 : double.PositiveInfinity;
        for (int k = mask.Length - 1; k >= 0; k--)
        {
            steps = mask[k] ? steps + 1 : 0;
            double nearest = Math.Min(steps, squared[k]);
            squared[k] = nearest * nearest * (spacing * spacing);
        }
    }

    /// <summary>
    /// One axis: each value becomes the smallest of (squared distance + value) over its line. Neighbouring lines go together, so that
    /// memory is read in its own order.
    /// </summary>
    private static void Along(double[] values, int count, int stride, double spacing, bool isBorderOutside)
    {
        // Each line with one voxel beyond either end.
        int length = count + 2;
        double beyond = isBorderOutside ? 0 : double.PositiveInfinity;
        int together = Math.Min(LinesTogether, stride);
        var lines = new double[together * length];
        var nearest = new double[together * count];
        var apexes = new int[length];
        var starts = new double[length + 1];
        // 1 / (2 steps): divisions are slow.
        double[] halves = [.. Enumerable.Range(0, length).Select(steps => 0.5 / steps)];
        for (var outer = 0; outer < values.Length; outer += count * stride)
            for (int first = outer; first < outer + stride; first += together)
            {
                int width = Math.Min(together, outer + stride - first);
                for (var k = 0; k < count; k++)
                    for (var i = 0; i < width; i++)
                        lines[i * length + k + 1] = values[first + k * stride + i];
                for (var i = 0; i < width; i++)
                {
                    var line = lines.AsSpan(i * length, length);
                    line[0] = line[^1] = beyond;
                    LowerEnvelope(line, spacing * spacing, halves, apexes, starts, nearest.AsSpan(i * count, count));
                }

                for (var k = 0; k < count; k++)
                    for (var i = 0; i < width; i++)
                        values[first + k * stride + i] = nearest[i * count + k];
            }
    }

    private static void LowerEnvelope(ReadOnlySpan<double> line, double scale, double[] halves, int[] apexes, double[] starts, Span<double> result)
    {
        int parabolas = 0;
        double inverse = 1 / scale;
        for (var k = 0; k < line.Length; k++)
        {
            if (double.IsPositiveInfinity(line[k]))
                continue;
            double start = double.NegativeInfinity;
            while (parabolas > 0)
            {
                int apex = apexes[parabolas - 1];
                start = ((line[k] - line[apex]) * inverse + (double)k * k - (double)apex * apex) * halves[k - apex];
                if (start > starts[parabolas - 1])
                    break;
                parabolas--;
                start = double.NegativeInfinity;
            }

            apexes[parabolas] = k;
            starts[parabolas++] = start;
        }

        if (parabolas == 0)
        {
            result.Fill(double.PositiveInfinity); // Nothing outside on this line.
            return;
        }

        starts[parabolas] = double.PositiveInfinity;
        int current = 0;
        for (var k = 1; k < line.Length - 1; k++)
        {
            while (starts[current + 1] < k)
                current++;
            double steps = k - apexes[current];
            result[k - 1] = steps * steps * scale + line[apexes[current]];
        }
    }
}
