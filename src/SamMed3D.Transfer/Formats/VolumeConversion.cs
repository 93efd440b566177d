namespace SamMed3D.Transfer;

/// <summary>Rewrites a volume in another format, on the same grid.</summary>
public static class VolumeConversion
{
    /// <summary>float32 holds every whole number up to this.</summary>
    private const float LargestWhole = 1 << 24;

    /// <summary>
    /// Writes a volume of any format as another file, which appears whole or not at all. One channel of whole numbers is stored in the smallest
    /// integer type that holds them, everything else in float32.
    /// </summary>
    /// <param name="source">What <see cref="VolumeSource.Open"/> takes: a file, or a folder with a DICOM series.</param>
    /// <param name="target">Its ending decides the format: .nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd.</param>
    /// <param name="overwrite">Whether an existing target is replaced.</param>
    /// <param name="readers">Who reads DICOM; when left out, those found on this machine.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="ArgumentException">The target has another ending, or is the source.</exception>
    /// <exception cref="InvalidOperationException">The target exists, and is not to be replaced.</exception>
    /// <exception cref="InvalidDataException">The source is damaged; the message has the path and the reason.</exception>
    public static VolumeSource Convert(string source, string target, bool overwrite = false, IReadOnlyList<IVolumeReader>? readers = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        if (VolumeEnding.Of(target) is null)
            throw new ArgumentException($"{target}: the ending decides what is written; expected {VolumeEnding.Written}.", nameof(target));
        if (Path.GetFullPath(source) == Path.GetFullPath(target))
            throw new ArgumentException($"{target}: cannot be converted onto itself; choose another file.", nameof(target));
        if (Path.Exists(target) && !overwrite)
            throw new InvalidOperationException($"{target}: exists already and is not replaced unless asked to.");
        AtomicFile.RequireWritable(target);
        using Volume volume = VolumeSource.Open(source, readers).ReadVolume();
        if (volume.Channels == 1 && IsWhole(volume.Voxels()))
        {
            using var labels = new LabelVolume(volume.Values[0].to(ScalarType.Int32).contiguous(), volume.Geometry);
            labels.Save(target);
        }
        else
            volume.Save(target);
        return VolumeSource.Open(target);
    }

    private static bool IsWhole(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            if (!(Math.Abs(value) <= LargestWhole) || value != Math.Truncate(value))
                return false;
        return true;
    }
}
