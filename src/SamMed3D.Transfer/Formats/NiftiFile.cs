namespace SamMed3D.Transfer;

/// <summary>
/// A NIfTI-1 or NIfTI-2 file: .nii, or .hdr with .img, plain or gzipped; what it is shows in its bytes, not in its name. Opening reads
/// and checks the header only. A size in the header is believed only as far as the file can hold it.
/// </summary>
public sealed class NiftiFile
{
    private readonly string _voxelPath;

    private NiftiFile(string path, string voxelPath, NiftiHeader header, Geometry geometry)
    {
        Path = path;
        _voxelPath = voxelPath;
        Header = header;
        Geometry = geometry;
    }

    /// <summary>The file as it was named.</summary>
    public string Path { get; }

    /// <summary>What the header says.</summary>
    public NiftiHeader Header { get; }

    /// <summary>The grid: the first three axes; missing ones have one voxel.</summary>
    public Geometry Geometry { get; }

    /// <summary>Number of volumes: the product of all axes after the third.</summary>
    public int Channels => (int)Header.Shape.Skip(3).Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Reads and checks the header.</summary>
    /// <param name="path">The file; of a pair, either one.</param>
    /// <exception cref="InvalidDataException">It is no sound NIfTI file; the message has the path and the reason.</exception>
    public static NiftiFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string headerPath = NiftiPair.HeaderOf(path);
        NiftiHeader header;
        using (var reader = new InflatingReader(headerPath))
            header = NiftiHeaderReader.Read(reader, path);
        string voxelPath = header.IsPair ? NiftiPair.VoxelsOf(path, headerPath) : headerPath;
        CheckLength(path, voxelPath, header);
        return new(path, voxelPath, header, ReadGeometry(path, header));
    }

    /// <summary>Reads the values, scaled and rounded to float32, as [C, X, Y, Z].</summary>
    /// <param name="limitBytes">Refuses volumes that would take more memory than this.</param>
    /// <exception cref="InvalidDataException">The data is truncated or damaged, or larger than the limit.</exception>
    public Volume ReadVolume(long limitBytes = long.MaxValue) => ReadChannels([this], limitBytes);

    /// <summary>Reads classes, as [X, Y, Z]. Files that store floats are fine as long as each of them is a whole number.</summary>
    /// <param name="limitBytes">Refuses volumes that would take more memory than this.</param>
    /// <exception cref="InvalidDataException">
    /// The data is truncated or damaged, larger than the limit, has more than one volume, or values that are no classes.
    /// </exception>
    public LabelVolume ReadLabels(long limitBytes = long.MaxValue)
    {
        if (Channels != 1)
            throw BrokenFile.Because(Path, $"expected one label volume, got {Channels} (shape {string.Join(" x ", Header.Shape)})");
        CheckLimit(1, limitBytes);
        using NiftiVoxels source = OpenVoxels();
        var labels = new LabelVolume(empty(Geometry.Size.ToArray(), ScalarType.Int32), Geometry);
        try
        {
            Read(source, labels.Voxels(), static (path, values, target) =>
            {
                for (int index = 0; index < values.Length; index++)
                {
                    target[index] = (int)values[index];
                    if (target[index] != values[index])
                        throw BrokenFile.Because(path, FormattableString.Invariant(
                            $"not a label file: found the value {values[index]:R}, expected whole numbers of 32 bits"));
                }
            });
            return labels;
        }
        catch
        {
            labels.Dispose();
            throw;
        }
    }

    /// <summary>Reads files of one grid as one volume, their channels one after the other.</summary>
    internal static Volume ReadChannels(IReadOnlyList<NiftiFile> files, long limitBytes)
    {
        int channels = files.Sum(file => file.Channels);
        Geometry geometry = files[0].Geometry;
        files[0].CheckLimit(channels, limitBytes);
        var volume = new Volume(empty([channels, .. geometry.Size.ToArray()], ScalarType.Float32), geometry);
        try
        {
            int channel = 0;
            foreach (NiftiFile file in files)
            {
                using NiftiVoxels source = file.OpenVoxels();
                for (int part = 0; part < file.Channels; part++)
                    file.Read(source, volume.Voxels(channel++), static (_, values, target) =>
                    {
                        for (int index = 0; index < values.Length; index++)
                            target[index] = (float)values[index];
                    });
            }
            return volume;
        }
        catch
        {
            volume.Dispose();
            throw;
        }
    }

    /// <summary>The voxels in file order and double precision, for readers that keep none of them.</summary>
    internal NiftiVoxels OpenVoxels() => new(Path, _voxelPath, Header);

    private delegate void Converter<T>(string path, ReadOnlySpan<double> values, Span<T> target);

    private void Read<T>(NiftiVoxels source, Span<T> volume, Converter<T> convert)
        where T : unmanaged
    {
        Size3 size = Geometry.Size;
        int sliceLength = size.X * size.Y, slices = VoxelOrder.SlicesPerSlab(size);
        var slab = new T[slices * sliceLength];
        var values = new double[Math.Min(slab.Length, 1 << 15)];
        for (int slice = 0; slice < size.Z; slice += slices)
        {
            Span<T> part = slab.AsSpan(0, Math.Min(slices, size.Z - slice) * sliceLength);
            for (int start = 0; start < part.Length; start += values.Length)
            {
                Span<double> block = values.AsSpan(0, Math.Min(values.Length, part.Length - start));
                source.Read(block);
                convert(Path, block, part.Slice(start, block.Length));
            }
            VoxelOrder.FromFile<T>(part, volume, size, slice);
        }
    }

    private static void CheckLength(string path, string voxelPath, NiftiHeader header)
    {
        using var voxels = new NiftiVoxels(path, voxelPath, header);
    }

    private static Geometry ReadGeometry(string path, NiftiHeader header)
    {
        long[] extents = [.. header.Shape.Take(3), .. Enumerable.Repeat(1L, Math.Max(0, 3 - header.Shape.Count))];
        if ((double)extents[0] * extents[1] * extents[2] > int.MaxValue)
            throw BrokenFile.Because(path, $"dim is too large: {string.Join(" x ", extents)} voxels, at most {int.MaxValue} are supported");
        try
        {
            return new Geometry(new((int)extents[0], (int)extents[1], (int)extents[2]), header.Affine);
        }
        catch (ArgumentException error)
        {
            throw BrokenFile.Because(path, error.Message, error);
        }
    }

    private void CheckLimit(int channels, long limitBytes)
    {
        long bytes = channels * Geometry.Size.Count * sizeof(float);
        if (bytes > limitBytes)
            throw BrokenFile.Because(Path, $"too large: {channels} x {Geometry.Size} voxels take {bytes} bytes, the limit is {limitBytes}");
    }
}
