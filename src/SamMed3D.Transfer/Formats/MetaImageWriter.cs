using System.IO.Compression;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Writes MetaImage files: zlib, LPS, little-endian; the channels of a voxel together.</summary>
internal static class MetaImageWriter
{
    private const int SizeWidth = 20;

    public static void Write(WritableVoxels voxels, string path)
    {
        if (path.EndsWith(".mhd", StringComparison.OrdinalIgnoreCase))
        {
            // The data first: a header without data is never seen.
            string data = path[..^4] + ".zraw";
            long length = 0;
            AtomicFile.Write(data, stream =>
            {
                WriteData(voxels, stream);
                length = stream.Length;
            });
            AtomicFile.WriteText(path, Header(voxels, length, Path.GetFileName(data)));
            return;
        }
        AtomicFile.Write(path, stream =>
        {
            // The packed size comes before the data; it is filled in afterwards, in the same number of bytes.
            stream.Write(Encoding.ASCII.GetBytes(Header(voxels, 0, "LOCAL")));
            long start = stream.Position;
            WriteData(voxels, stream);
            long length = stream.Position - start;
            stream.Position = 0;
            stream.Write(Encoding.ASCII.GetBytes(Header(voxels, length, "LOCAL")));
            stream.Position = stream.Length;
        });
    }

    private static void WriteData(WritableVoxels voxels, Stream stream)
    {
        using var compressed = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        voxels.WriteInterleaved(compressed);
    }

    /// <summary>MetaImage names the sides that axes come from, where RAS names those that they lead to.</summary>
    private static string Anatomical(Orientation orientation) => string.Concat(orientation.Code.Select(side => "LRPAIS"["RLAPSI".IndexOf(side, StringComparison.Ordinal)]));

    private static string Header(WritableVoxels voxels, long length, string data)
    {
        Geometry geometry = voxels.Geometry;
        Affine affine = geometry.Affine;
        string type = voxels.Type switch
        {
            VoxelType.UInt8 => "MET_UCHAR",
            VoxelType.Int8 => "MET_CHAR",
            VoxelType.UInt16 => "MET_USHORT",
            VoxelType.Int16 => "MET_SHORT",
            VoxelType.Int32 => "MET_INT",
            _ => "MET_FLOAT",
        };
        return $"""
            ObjectType = Image
            NDims = 3
            BinaryData = True
            BinaryDataByteOrderMSB = False
            CompressedData = True
            CompressedDataSize = {length.ToString($"D{SizeWidth}", System.Globalization.CultureInfo.InvariantCulture)}
            TransformMatrix = {Column(0, geometry.Spacing.X)} {Column(1, geometry.Spacing.Y)} {Column(2, geometry.Spacing.Z)}
            Offset = {Column(3, 1)}
            CenterOfRotation = 0 0 0
            AnatomicalOrientation = {Anatomical(geometry.Orientation)}
            ElementSpacing = {HeaderNumber.Of(geometry.Spacing.X)} {HeaderNumber.Of(geometry.Spacing.Y)} {HeaderNumber.Of(geometry.Spacing.Z)}
            DimSize = {geometry.Size.X} {geometry.Size.Y} {geometry.Size.Z}
            {(voxels.Channels > 1 ? $"ElementNumberOfChannels = {voxels.Channels}\n" : "")}ElementType = {type}
            ElementDataFile = {data}

            """.ReplaceLineEndings("\n");

        string Column(int column, double spacing) =>
            $"{HeaderNumber.Of(-affine[0, column] / spacing)} {HeaderNumber.Of(-affine[1, column] / spacing)} {HeaderNumber.Of(affine[2, column] / spacing)}";
    }
}
