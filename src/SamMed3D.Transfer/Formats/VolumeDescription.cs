namespace SamMed3D.Transfer;

/// <summary>What a volume file holds: its grid, and the values in it.</summary>
/// <param name="Format">Such as "NIfTI-1, Int16".</param>
/// <param name="Geometry">The grid.</param>
/// <param name="Channels">Volumes on the grid.</param>
/// <param name="Minimum">The smallest finite value; NaN when there is none.</param>
/// <param name="Maximum">The largest finite value; NaN when there is none.</param>
/// <param name="Mean">The mean of the finite values; NaN when there is none.</param>
/// <param name="NotFinite">Voxels that are NaN or infinite.</param>
/// <param name="Histogram">Voxels by value, where all values are whole and few; else null.</param>
public sealed record VolumeDescription(
    string Format, Geometry Geometry, int Channels, double Minimum, double Maximum, double Mean, long NotFinite,
    IReadOnlyDictionary<long, long>? Histogram)
{
    /// <summary>The histogram is left out where more values occur.</summary>
    public const int MostValues = 256;

    /// <summary>As for <see cref="VolumeSource.PlacementDoubt"/>.</summary>
    public string? PlacementDoubt { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file is broken; the message has the path and the reason.</exception>
    public static VolumeDescription Open(string path)
    {
        var file = VolumeSource.Open(path);
        using var volume = file.ReadVolume();
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity, sum = 0;
        long finite = 0, notFinite = 0;
        var counts = new Dictionary<long, long>();
        bool isCounting = true;
        for (var channel = 0; channel < volume.Channels; channel++)
            foreach (float value in volume.Voxels(channel))
            {
                if (!float.IsFinite(value))
                {
                    notFinite++;
                    continue;
                }

                finite++;
                sum += value;
                minimum = Math.Min(minimum, value);
                maximum = Math.Max(maximum, value);
                isCounting = isCounting && value == Math.Truncate(value) && Math.Abs(value) < 1e9f;
                if (isCounting)
                {
                    counts[(long)value] = counts.GetValueOrDefault((long)value) + 1;
                    isCounting = counts.Count <= MostValues;
                }
            }

        return new VolumeDescription(
            file.Format, volume.Geometry, volume.Channels,
            finite == 0 ? double.NaN : minimum, finite == 0 ? double.NaN : maximum, finite == 0 ? double.NaN : sum / finite,
            notFinite, isCounting && finite > 0 && notFinite == 0 ? new SortedDictionary<long, long>(counts) : null)
        {
            PlacementDoubt = file.PlacementDoubt,
        };
    }
}
