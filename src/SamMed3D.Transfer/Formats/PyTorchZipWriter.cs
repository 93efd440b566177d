using System.IO.Compression;

namespace SamMed3D.Transfer;

/// <summary>Writes the zip format of torch.save, with only those parts that torch.load(weights_only=True) takes.</summary>
internal static class PyTorchZipWriter
{
    private const string Folder = "archive/";

    // The earliest time that zip knows: the same tensors give the same bytes.
    private static readonly DateTimeOffset Timeless = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(Stream stream, IWeightSource source, string? section, IReadOnlyDictionary<string, string> metadata)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        WriteRecord(archive, "data.pkl", record => record.Write(StateDictPickle.Write(source.Tensors, section, metadata)));
        WriteRecord(archive, "byteorder", record => record.Write("little"u8));
        for (var i = 0; i < source.Tensors.Count; i++)
        {
            using var tensor = source.Read(source.Tensors[i].Name);
            WriteRecord(archive, $"data/{i}", record => TensorBytes.Write(record, tensor));
        }

        WriteRecord(archive, "version", record => record.Write("3\n"u8));
    }

    private static void WriteRecord(ZipArchive archive, string name, Action<Stream> write)
    {
        var entry = archive.CreateEntry(Folder + name, CompressionLevel.NoCompression);
        entry.LastWriteTime = Timeless;
        using var record = entry.Open();
        write(record);
    }
}
