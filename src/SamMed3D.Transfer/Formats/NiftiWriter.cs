using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>Writes NIfTI-1 files (.nii, .nii.gz), little-endian, a slab at a time.</summary>
internal static class NiftiWriter
{
    private const int HeaderLength = 348, VoxelOffset = 352;

    public static void Write(Volume volume, string path) =>
        Write(path, volume.Geometry, volume.Channels, NiftiType.Float32, stream =>
        {
            for (int channel = 0; channel < volume.Channels; channel++)
                WriteVoxels<float, float>(stream, volume.Voxels(channel), volume.Geometry.Size, static value => value);
        });

    public static void Write(LabelVolume labels, string path)
    {
        int least = 0, most = 0;
        foreach (int value in labels.Voxels())
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        Size3 size = labels.Geometry.Size;
        (NiftiType type, Action<Stream> write) = (least, most) switch
        {
            ( >= 0, <= byte.MaxValue) => (NiftiType.UInt8, Writing(static value => (byte)value)),
            ( >= sbyte.MinValue, <= sbyte.MaxValue) => (NiftiType.Int8, Writing(static value => (sbyte)value)),
            ( >= 0, <= ushort.MaxValue) => (NiftiType.UInt16, Writing(static value => (ushort)value)),
            ( >= short.MinValue, <= short.MaxValue) => (NiftiType.Int16, Writing(static value => (short)value)),
            _ => (NiftiType.Int32, Writing(static value => value)),
        };
        Write(path, labels.Geometry, 1, type, write);

        Action<Stream> Writing<T>(Func<int, T> convert)
            where T : unmanaged => stream => WriteVoxels(stream, labels.Voxels(), size, convert);
    }

    private static void Write(string path, Geometry geometry, int channels, NiftiType type, Action<Stream> writeVoxels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool isCompressed = path.EndsWith(".nii.gz", StringComparison.OrdinalIgnoreCase);
        if (!isCompressed && !path.EndsWith(".nii", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"Expected a file name that ends in .nii or .nii.gz, got {path}.", nameof(path));
        Size3 size = geometry.Size;
        if (Math.Max(Math.Max(size.X, size.Y), Math.Max(size.Z, channels)) > short.MaxValue)
            throw new ArgumentException(
                $"NIfTI-1 holds at most {short.MaxValue} voxels along an axis, got {size} with {channels} channels.", nameof(path));
        byte[] header = Header(geometry, channels, type);
        AtomicFile.Write(path, stream =>
        {
            if (!isCompressed)
            {
                stream.Write(header);
                writeVoxels(stream);
                return;
            }
            using var compressed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            compressed.Write(header);
            writeVoxels(compressed);
        });
    }

    private static void WriteVoxels<TSource, T>(Stream stream, ReadOnlySpan<TSource> volume, Size3 size, Func<TSource, T> convert)
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

    private static byte[] Header(Geometry geometry, int channels, NiftiType type)
    {
        byte[] bytes = new byte[VoxelOffset];
        Int32(0, HeaderLength);
        Int16(40, channels > 1 ? 4 : 3);
        int[] extents = [geometry.Size.X, geometry.Size.Y, geometry.Size.Z, channels, 1, 1, 1];
        for (int axis = 0; axis < 7; axis++)
            Int16(42 + 2 * axis, extents[axis]);
        Int16(70, (int)type);
        Int16(72, 8 * type.BytesPerVoxel());
        Single(108, VoxelOffset);
        Single(112, 1);
        bytes[123] = 2; // mm
        var quaternion = NiftiAffine.ToQuaternion(geometry);
        Single(76, quaternion is { IsReversed: true } ? -1 : 1);
        for (int axis = 0; axis < 7; axis++)
            Single(80 + 4 * axis, axis < 3 ? geometry.Spacing[axis] : 1);

        // Code 1: scanner coordinates. A sheared grid has no quaternion: then the sform stands alone.
        Int16(252, quaternion is null ? 0 : 1);
        Int16(254, 1);
        for (int axis = 0; axis < 3; axis++)
        {
            Single(256 + 4 * axis, quaternion?.Vector[axis] ?? 0);
            Single(268 + 4 * axis, quaternion is null ? 0 : geometry.Affine.Origin[axis]);
            for (int column = 0; column < 4; column++)
                Single(280 + 16 * axis + 4 * column, geometry.Affine[axis, column]);
        }
        "n+1\0"u8.CopyTo(bytes.AsSpan(344));
        return bytes;

        void Int16(int at, int value) => BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), (short)value);
        void Int32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        void Single(int at, double value) => BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), (float)value);
    }
}
