using System.IO.Compression;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>PyTorch's format since 1.6: a zip archive with NAME/data.pkl and one record NAME/data/KEY per storage.</summary>
internal sealed class PyTorchZip : PyTorchContainer
{
    private const long LongestPickle = 64L << 20;

    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _records = new(StringComparer.Ordinal);
    private readonly string _folder;

    public PyTorchZip(Stream stream)
    {
        _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: false);
        foreach (var entry in _archive.Entries)
            if (!_records.TryAdd(entry.FullName, entry))
                throw new InvalidDataException($"the archive has the record {BrokenFile.Quote(entry.FullName)} twice");
        _folder = FindFolder();
        IsBigEndian = ReadByteOrder();
        Root = ReadPickle();
    }

    public override string Description => "PyTorch zip";

    public override void Dispose() => _archive.Dispose();

    protected override Stream OpenStorage(PickledStorage storage) => Record(storage).Open();

    // 0 stands for "not computed" (torch.serialization.set_crc32_options).
    protected override uint? ChecksumOf(PickledStorage storage) => Record(storage).Crc32 is not 0 and var checksum ? checksum : null;

    private string FindFolder()
    {
        string[] pickles = [.. _records.Keys.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.Count(letter => letter == '/') == 1)];
        if (_records.Keys.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)))
            throw new InvalidDataException("a TorchScript archive, which holds a program; save the model's state_dict() with torch.save instead");
        return pickles is [var only]
            ? only[..^"data.pkl".Length]
            : throw new InvalidDataException("missing record data.pkl: a zip archive, but not a checkpoint of torch.save");
    }

    private bool ReadByteOrder()
    {
        if (!_records.TryGetValue(_folder + "byteorder", out var entry))
            return false;
        if (entry.Length > 16)
            throw new InvalidDataException("the record byteorder is neither 'little' nor 'big'");
        using var reader = new StreamReader(entry.Open(), Encoding.ASCII);
        return reader.ReadToEnd() switch
        {
            "little" => false,
            "big" => true,
            var other => throw new InvalidDataException($"the record byteorder is {BrokenFile.Quote(other)}, neither 'little' nor 'big'"),
        };
    }

    private object? ReadPickle()
    {
        var entry = _records[_folder + "data.pkl"];
        if (entry.Length > LongestPickle || entry.Length > 64 * (entry.CompressedLength + 1024))
            throw new InvalidDataException($"data.pkl has {entry.Length} bytes, more than a checkpoint's can");
        using var stream = new BufferedStream(entry.Open(), 1 << 16);
        return PickleReader.Read(new PickleStream(stream, entry.Length), persistentId =>
        {
            var storage = PickledViews.Storage(persistentId);
            long length = Record(storage).Length;
            if (length != storage.Count * TensorBytes.Width(storage.Type))
                throw new InvalidDataException(
                    $"storage size mismatch: {BrokenFile.Quote(storage.Key)} declares {storage.Count} elements of {storage.Type}, its record has {length} bytes");
            return storage;
        });
    }

    private ZipArchiveEntry Record(PickledStorage storage) => _records.TryGetValue($"{_folder}data/{storage.Key}", out var entry)
        ? entry
        : throw new InvalidDataException($"missing record {BrokenFile.Quote("data/" + storage.Key)}");
}
