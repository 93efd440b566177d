namespace SamMed3D.Transfer;

/// <summary>What the voxels of a file add up to, in double precision, read without keeping them.</summary>
/// <param name="Sum">Sum of the finite values, all channels.</param>
/// <param name="Least">The least finite value; positive infinity when there is none.</param>
/// <param name="Most">The greatest finite value; negative infinity when there is none.</param>
/// <param name="Finite">Number of finite values.</param>
/// <param name="NaN">Number of values that are no number.</param>
public sealed record VoxelSummary(double Sum, double Least, double Most, long Finite, long NaN)
{
    /// <summary>Reads a file through.</summary>
    /// <exception cref="InvalidDataException">Its data is truncated or damaged.</exception>
    public static VoxelSummary Of(StoredVolume file)
    {
        ArgumentNullException.ThrowIfNull(file);
        using VoxelStream voxels = file.OpenVoxels();
        var block = new double[1 << 15];
        double sum = 0, least = double.PositiveInfinity, most = double.NegativeInfinity;
        long finite = 0, nan = 0;
        for (long left = file.ValueCount; left > 0; left -= block.Length)
        {
            Span<double> values = block.AsSpan(0, (int)Math.Min(left, block.Length));
            voxels.Read(values);
            foreach (double value in values)
            {
                if (double.IsFinite(value))
                {
                    (sum, least, most) = (sum + value, Math.Min(least, value), Math.Max(most, value));
                    finite++;
                }
                else if (double.IsNaN(value))
                    nan++;
            }
        }
        return new(sum, least, most, finite, nan);
    }
}
