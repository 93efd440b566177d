using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>An image or labels on their way into a file of any format: little-endian, first axis fastest, a slab at a time.</summary>
internal sealed class WritableVoxels
{
    private readonly Action<Stream, bool> _write;

    private WritableVoxels(Geometry geometry, int channels, VoxelType type, Action<Stream, bool> write) =>
        (Geometry, Channels, Type, _write) = (geometry, channels, type, write);

    public Geometry Geometry { get; }

    public int Channels { get; }

    public VoxelType Type { get; }

    /// <summary>An image, in float32.</summary>
    public static WritableVoxels Of(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return new(volume.Geometry, volume.Channels, VoxelType.Float32, (stream, isInterleaved) =>
        {
            if (isInterleaved && volume.Channels > 1)
                WriteInterleaved(stream, volume);
            else
                for (int channel = 0; channel < volume.Channels; channel++)
                    WriteChannel<float, float>(stream, volume.Voxels(channel), volume.Geometry.Size, static value => value);
        });
    }

    /// <summary>Labels, in the smallest integer type that holds them.</summary>
    public static WritableVoxels Of(LabelVolume labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        int least = 0, most = 0;
        foreach (int value in labels.Voxels())
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        return (least, most) switch
        {
            ( >= 0, <= byte.MaxValue) => As(VoxelType.UInt8, static value => (byte)value),
            ( >= sbyte.MinValue, <= sbyte.MaxValue) => As(VoxelType.Int8, static value => (sbyte)value),
            ( >= 0, <= ushort.MaxValue) => As(VoxelType.UInt16, static value => (ushort)value),
            ( >= short.MinValue, <= short.MaxValue) => As(VoxelType.Int16, static value => (short)value),
            _ => As(VoxelType.Int32, static value => value),
        };

        WritableVoxels As<T>(VoxelType type, Func<int, T> convert)
            where T : unmanaged => new(labels.Geometry, 1, type, (stream, _) => WriteChannel(stream, labels.Voxels(), labels.Geometry.Size, convert));
    }

    /// <summary>Writes one channel after the other.</summary>
    public void Write(Stream stream) => _write(stream, false);

    /// <summary>Writes the channels of each voxel together.</summary>
    public void WriteInterleaved(Stream stream) => _write(stream, true);

    private static void WriteChannel<TSource, T>(Stream stream, ReadOnlySpan<TSource> volume, Size3 size, Func<TSource, T> convert)
        where TSource : unmanaged
        where T : unmanaged
    {
        int sliceLength = size.X * size.Y, slices = VoxelOrder.SlicesPerSlab(size);
        var slab = new TSource[slices * sliceLength];
        var block = new T[Math.Min(slab.Length, 1 << 15)];
        for (int slice = 0; slice < size.Z; slice += slices)
        {
            Span<TSource> part = slab.AsSpan(0, Math.Min(slices, size.Z - slice) * sliceLength);
            VoxelOrder.ToFile(volume, part, size, slice);
            for (int start = 0; start < part.Length; start += block.Length)
            {
                Span<T> values = block.AsSpan(0, Math.Min(block.Length, part.Length - start));
                for (int index = 0; index < values.Length; index++)
                    values[index] = convert(part[start + index]);
                stream.Write(MemoryMarshal.AsBytes(values));
            }
        }
    }

    private static void WriteInterleaved(Stream stream, Volume volume)
    {
        Size3 size = volume.Geometry.Size;
        int channels = volume.Channels;
        var slice = new float[size.X * size.Y];
        var mixed = new float[(long)slice.Length * channels];
        for (int z = 0; z < size.Z; z++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                VoxelOrder.ToFile<float>(volume.Voxels(channel), slice, size, z);
                for (int index = 0; index < slice.Length; index++)
                    mixed[(long)index * channels + channel] = slice[index];
            }
            // A span of bytes is at most 2 GB long.
            for (int start = 0; start < mixed.Length; start += 1 << 24)
                stream.Write(MemoryMarshal.AsBytes(mixed.AsSpan(start, Math.Min(1 << 24, mixed.Length - start))));
        }
    }
}
