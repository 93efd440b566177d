using System.Buffers.Binary;
using System.IO.Compression;

namespace SamMed3D.Transfer;

/// <summary>Writes NIfTI-1 files (.nii, .nii.gz), little-endian, a slab at a time.</summary>
internal static class NiftiWriter
{
    private const int HeaderLength = 348, VoxelOffset = 352;

    public static void Write(WritableVoxels voxels, string path)
    {
        bool isCompressed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        Size3 size = voxels.Geometry.Size;
        if (Math.Max(Math.Max(size.X, size.Y), Math.Max(size.Z, voxels.Channels)) > short.MaxValue)
            throw new ArgumentException(
                $"NIfTI-1 holds at most {short.MaxValue} voxels along an axis, got {size} with {voxels.Channels} channels.", nameof(path));
        byte[] header = Header(voxels.Geometry, voxels.Channels, voxels.Type);
        AtomicFile.Write(path, stream =>
        {
            if (!isCompressed)
            {
                stream.Write(header);
                voxels.Write(stream);
                return;
            }
            using var compressed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            compressed.Write(header);
            voxels.Write(compressed);
        });
    }

    private static byte[] Header(Geometry geometry, int channels, VoxelType type)
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
