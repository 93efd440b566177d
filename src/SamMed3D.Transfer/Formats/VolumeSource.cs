namespace SamMed3D.Transfer;

/// <summary>
/// An image or label file that was opened: its header is read and checked, its voxels are not read yet. All formats come out alike: three
/// spatial axes in file order, a place in mm (RAS+) for each voxel, and everything else that is stored per voxel as channels.
/// </summary>
public abstract class VolumeSource
{
    private protected VolumeSource(string path) => Path = path;

    /// <summary>The file or folder as it was named.</summary>
    public string Path { get; }

    /// <summary>What it is, such as "NIfTI-1, Int16" or "NRRD, Float32, gzip".</summary>
    public abstract string Format { get; }

    /// <summary>The grid; axes that the file does not have are one voxel long.</summary>
    public abstract Geometry Geometry { get; }

    /// <summary>Values per voxel.</summary>
    public abstract int Channels { get; }

    /// <summary>
    /// Why the place of the voxels is in doubt, though the file can be read: the header says it in two ways that differ, or does not say which
    /// way the axes run; null where neither is so.
    /// </summary>
    public virtual string? PlacementDoubt => null;

    /// <summary>Whether the header says which way the axes run; where it does not, left and right are a convention of programs.</summary>
    internal virtual bool IsPlaced => true;

    /// <summary>All files that it is read from.</summary>
    internal virtual IReadOnlyList<string> Files => [Path];

    /// <summary>The shape in the file's own order of axes, for messages.</summary>
    private protected virtual string Shape => $"{Geometry.Size}, {Channels} channels";

    /// <summary>Opens a file of any format; the content decides, not the name.</summary>
    /// <param name="path">
    /// A NIfTI file (of a .hdr and .img pair either one), an NRRD file (attached or its .nhdr), a MetaImage file (.mha or .mhd), a folder
    /// with one DICOM series, or one file of a DICOM series.
    /// </param>
    /// <param name="readers">
    /// Who reads DICOM and what the library does not know itself; when left out, those that were found on this machine:
    /// <see cref="VolumeReaders.Found"/>.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged or of an unknown kind; the message has the path and the reason.</exception>
    public static VolumeSource Open(string path, IReadOnlyList<IVolumeReader>? readers = null) =>
        VolumeFormats.Open(path, readers ?? VolumeReaders.Found);

    /// <summary>Reads the values, scaled as the file says and rounded to float32, as [C, X, Y, Z].</summary>
    /// <param name="limitBytes">Refuses volumes that would take more memory than this.</param>
    /// <exception cref="InvalidDataException">The data is truncated or damaged, or larger than the limit.</exception>
    public virtual Volume ReadVolume(long limitBytes = long.MaxValue) => ReadChannels([this], limitBytes);

    /// <summary>Reads classes, as [X, Y, Z]. Files that store floats are fine as long as each of them is a whole number.</summary>
    /// <param name="limitBytes">Refuses volumes that would take more memory than this.</param>
    /// <exception cref="InvalidDataException">
    /// The data is truncated or damaged, larger than the limit, has more than one channel, or values that are no classes.
    /// </exception>
    public LabelVolume ReadLabels(long limitBytes = long.MaxValue)
    {
        if (Channels != 1)
            throw BrokenFile.Because(Path, $"expected one label volume, got {Channels} (shape {Shape})");
        RequireWithin(1, limitBytes);
        var labels = new LabelVolume(empty(Geometry.Size.ToArray(), ScalarType.Int32), Geometry);
        try
        {
            ReadInto(labels);
            return labels;
        }
        catch
        {
            labels.Dispose();
            throw;
        }
    }

    /// <summary>Reads sources of one grid as one volume, their channels one after the other.</summary>
    internal static Volume ReadChannels(IReadOnlyList<VolumeSource> sources, long limitBytes)
    {
        int channels = sources.Sum(source => source.Channels);
        Geometry geometry = sources[0].Geometry;
        sources[0].RequireWithin(channels, limitBytes);
        var volume = new Volume(empty([channels, .. geometry.Size.ToArray()], ScalarType.Float32), geometry);
        try
        {
            int channel = 0;
            foreach (VolumeSource source in sources)
            {
                source.ReadInto(volume, channel);
                channel += source.Channels;
            }
            return volume;
        }
        catch
        {
            volume.Dispose();
            throw;
        }
    }

    /// <summary>Fills channels of a volume of this grid.</summary>
    private protected abstract void ReadInto(Volume volume, int firstChannel);

    /// <summary>Fills labels of this grid.</summary>
    private protected abstract void ReadInto(LabelVolume labels);

    /// <summary>Takes values as classes.</summary>
    private protected static void ToClasses(string path, ReadOnlySpan<double> values, Span<int> classes)
    {
        for (int index = 0; index < values.Length; index++)
        {
            classes[index] = (int)values[index];
            if (classes[index] != values[index])
                throw BrokenFile.Because(path, FormattableString.Invariant(
                    $"not a label file: found the value {values[index]:R}, expected whole numbers of 32 bits"));
        }
    }

    private protected void RequireWithin(int channels, long limitBytes)
    {
        // 64 bits can overflow where a file of zeros packs to little.
        double bytes = (double)channels * Geometry.Size.Count * sizeof(float);
        if (bytes > limitBytes)
            throw BrokenFile.Because(Path, FormattableString.Invariant(
                $"too large: {channels} x {Geometry.Size} voxels take {bytes:F0} bytes, the limit is {limitBytes}"));
    }
}
