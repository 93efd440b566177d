namespace SamMed3D.Transfer;

/// <summary>
/// Exact Euclidean distances within a mask, in time linear in the voxels: the lower envelope of parabolas, axis by axis (Felzenszwalb and
/// Huttenlocher, Theory of Computing 8, 2012).
/// </summary>
public static class DistanceTransform
{
    /// <summary>How deep each voxel lies in the mask.</summary>
    /// <param name="mask">[X, Y, Z] in C order: true inside.</param>
    /// <param name="size">X, Y, Z.</param>
    /// <param name="spacing">mm from voxel to voxel; (1, 1, 1) gives distances in voxels.</param>
    /// <param name="isBorderOutside">Whether all voxels beyond the border count as outside.</param>
    /// <returns>The distance from each voxel's centre to that of the nearest voxel outside; 0 outside; infinite where there is none.</returns>
    /// <exception cref="ArgumentException">The mask has another number of voxels than the size, or a spacing is not positive.</exception>
    public static float[] Inside(ReadOnlySpan<bool> mask, Size3 size, Double3 spacing, bool isBorderOutside = true)
    {
        if (mask.Length != size.Count)
            throw new ArgumentException($"Expected {size.Count} voxels for {size}, got {mask.Length}.", nameof(mask));
        if (!(spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0))
            throw new ArgumentException($"Spacing {spacing} is not positive.", nameof(spacing));
        var squared = new double[mask.Length];
        for (var i = 0; i < mask.Length; i++)
            squared[i] = mask[i] ? double.PositiveInfinity : 0;
        Along(squared, size.Z, 1, spacing.Z, isBorderOutside);
        Along(squared, size.Y, size.Z, spacing.Y, isBorderOutside);
        Along(squared, size.X, size.Y * size.Z, spacing.X, isBorderOutside);
        return Array.ConvertAll(squared, value => (float)Math.Sqrt(value));
    }

    /// <summary>One axis: each value becomes the smallest of (squared distance + value) over its line.</summary>
    private static void Along(double[] values, int count, int stride, double spacing, bool isBorderOutside)
    {
        // The line with one voxel beyond either end.
        var line = new double[count + 2];
        var apexes = new int[count + 2];
        var starts = new double[count + 3];
        line[0] = line[^1] = isBorderOutside ? 0 : double.PositiveInfinity;
        for (var outer = 0; outer < values.Length; outer += count * stride)
            for (int first = outer; first < outer + stride; first++)
            {
                for (var k = 0; k < count; k++)
                    line[k + 1] = values[first + k * stride];
                LowerEnvelope(line, spacing * spacing, apexes, starts, values.AsSpan(first), stride);
            }
    }

    private static void LowerEnvelope(double[] line, double scale, int[] apexes, double[] starts, Span<double> result, int stride)
    {
        int parabolas = 0;
        for (var k = 0; k < line.Length; k++)
        {
            if (double.IsPositiveInfinity(line[k]))
                continue;
            double start = double.NegativeInfinity;
            while (parabolas > 0)
            {
                int apex = apexes[parabolas - 1];
                start = ((line[k] - line[apex]) / scale + (double)k * k - (double)apex * apex) / (2.0 * (k - apex));
                if (start > starts[parabolas - 1])
                    break;
                parabolas--;
                start = double.NegativeInfinity;
            }

            apexes[parabolas] = k;
            starts[parabolas++] = start;
        }

        if (parabolas == 0)
            return; // Nothing outside on this line: all stays infinite.
        starts[parabolas] = double.PositiveInfinity;
        int current = 0;
        for (var k = 1; k < line.Length - 1; k++)
        {
            while (starts[current + 1] < k)
                current++;
            double steps = k - apexes[current];
            result[(k - 1) * stride] = steps * steps * scale + line[apexes[current]];
        }
    }
}
