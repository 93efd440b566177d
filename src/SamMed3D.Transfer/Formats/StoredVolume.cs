namespace SamMed3D.Transfer;

/// <summary>A file whose voxels this library decodes itself.</summary>
public abstract class StoredVolume : VolumeSource
{
    private readonly StoredAxes _axes;

    private protected StoredVolume(string path, StoredAxes axes, Geometry geometry)
        : base(path)
    {
        _axes = axes;
        Geometry = geometry;
        Channels = (int)axes.Channels;
    }

    /// <inheritdoc/>
    public override Geometry Geometry { get; }

    /// <inheritdoc/>
    public override int Channels { get; }

    /// <summary>Whether the voxels of each channel lie together.</summary>
    internal bool IsPlanar => _axes.IsPlanar;

    /// <summary>Number of stored values, all channels.</summary>
    internal long ValueCount => _axes.Count;

    private protected override string Shape => _axes.ToString();

    /// <summary>The values in file order and double precision.</summary>
    internal abstract VoxelStream OpenVoxels();

    private delegate void Converter<T>(string path, ReadOnlySpan<double> values, Span<T> target);

    private delegate Span<T> ChannelVoxels<T>(int channel);

    private protected override void ReadInto(Volume volume, int firstChannel) => Read(
        channel => volume.Voxels(firstChannel + channel),
        static (_, values, target) =>
        {
            for (int index = 0; index < values.Length; index++)
                target[index] = (float)values[index];
        });

    private protected override void ReadInto(LabelVolume labels) => Read<int>(_ => labels.Voxels(), ToClasses);

    /// <summary>The grid of a header, refused with the path where it makes no sense.</summary>
    private protected static Geometry GridOf(string path, StoredAxes axes, Affine affine)
    {
        Size3 size = axes.Size(path);
        try
        {
            return new Geometry(size, affine);
        }
        catch (ArgumentException error)
        {
            throw BrokenFile.Because(path, error.Message, error);
        }
    }

    private void Read<T>(ChannelVoxels<T> voxels, Converter<T> convert)
        where T : unmanaged
    {
        using VoxelStream source = OpenVoxels();
        if (_axes.IsPlanar)
            for (int channel = 0; channel < Channels; channel++)
                ReadChannel(source, voxels(channel), convert);
        else
            ReadMixed(source, voxels, convert);
    }

    private void ReadChannel<T>(VoxelStream source, Span<T> volume, Converter<T> convert)
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

    /// <summary>Files that have channels before or between the axes of space, a row along X at a time.</summary>
    private void ReadMixed<T>(VoxelStream source, ChannelVoxels<T> voxels, Converter<T> convert)
        where T : unmanaged
    {
        Size3 size = Geometry.Size;
        int x = Enumerable.Range(0, _axes.Places.Count).First(axis => _axes.Places[axis] == 0), stride = size.Y * size.Z;
        int inner = (int)_axes.Extents.Take(x).Aggregate(1L, (product, extent) => product * extent);
        if ((long)inner * size.X > 1 << 28)
            throw BrokenFile.Because(Path, $"the size is too large: rows of {inner} x {size.X} values");
        var values = new double[inner * size.X];
        var row = new T[values.Length];
        var index = new long[_axes.Extents.Count];
        for (long left = _axes.Count / values.Length; left > 0; left--)
        {
            source.Read(values);
            convert(Path, values, row);
            int start = 0;
            long channel = 0, weight = inner;
            for (int axis = x + 1; axis < index.Length; axis++)
            {
                if (_axes.Places[axis] != StoredAxes.Channel)
                    start += (int)index[axis] * (_axes.Places[axis] == 1 ? size.Z : 1);
                else
                {
                    channel += weight * index[axis];
                    weight *= _axes.Extents[axis];
                }
            }
            for (int part = 0; part < inner; part++)
            {
                Span<T> target = voxels((int)channel + part);
                for (int at = 0; at < size.X; at++)
                    target[start + at * stride] = row[at * inner + part];
            }
            for (int axis = x + 1; axis < index.Length && ++index[axis] == _axes.Extents[axis]; axis++)
                index[axis] = 0;
        }
    }
}
