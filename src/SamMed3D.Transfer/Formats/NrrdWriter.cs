using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Writes NRRD files: gzip, LPS, little-endian; several channels as a last axis of the kind "list".</summary>
internal static class NrrdWriter
{
    public static void Write(WritableVoxels voxels, string path)
    {
        if (!path.EndsWith(".nhdr", StringComparison.OrdinalIgnoreCase))
        {
            AtomicFile.Write(path, stream =>
            {
                stream.Write(Encoding.ASCII.GetBytes(Header(voxels, null)));
                WriteData(stream);
            });
            return;
        }
        // The data first: a header without data is never seen.
        string data = path[..^5] + ".raw.gz";
        AtomicFile.Write(data, WriteData);
        AtomicFile.WriteText(path, Header(voxels, Path.GetFileName(data)));

        void WriteData(Stream stream)
        {
            using var compressed = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
            voxels.Write(compressed);
        }
    }

    private static string Header(WritableVoxels voxels, string? dataFile)
    {
        Geometry geometry = voxels.Geometry;
        bool hasChannels = voxels.Channels > 1;
        string type = voxels.Type switch
        {
            VoxelType.UInt8 => "uint8",
            VoxelType.Int8 => "int8",
            VoxelType.UInt16 => "uint16",
            VoxelType.Int16 => "int16",
            VoxelType.Int32 => "int32",
            _ => "float",
        };
        var text = new StringBuilder("NRRD0004\n");
        text.Append(CultureInfo.InvariantCulture, $"type: {type}\ndimension: {(hasChannels ? 4 : 3)}\nspace: left-posterior-superior\n");
        text.Append(CultureInfo.InvariantCulture, $"sizes: {geometry.Size.X} {geometry.Size.Y} {geometry.Size.Z}{(hasChannels ? $" {voxels.Channels}" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"space directions: {Column(0)} {Column(1)} {Column(2)}{(hasChannels ? " none" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"kinds: domain domain domain{(hasChannels ? " list" : "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"endian: little\nencoding: gzip\nspace origin: {Column(3)}\n");
        text.Append(dataFile is null ? "\n" : $"data file: {dataFile}\n");
        return text.ToString();

        string Column(int column) => string.Create(CultureInfo.InvariantCulture,
            $"({HeaderNumber.Of(-geometry.Affine[0, column])},{HeaderNumber.Of(-geometry.Affine[1, column])},{HeaderNumber.Of(geometry.Affine[2, column])})");
    }
}
