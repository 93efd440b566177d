using System.Buffers.Binary;
using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>PyTorch's format before 1.6: pickles of a magic number, a version, the writer's machine, the object and the
/// storage keys, one after the other; then for each key the element count (8 bytes, little-endian) and the data.</summary>
internal sealed class PyTorchLegacy : PyTorchContainer
{
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    private readonly FileStream _stream;
    private readonly Dictionary<string, PickledStorage> _storages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _starts = new(StringComparer.Ordinal);

    public PyTorchLegacy(FileStream stream)
    {
        _stream = stream;
        if (ReadPickle() is not BigInteger magic || magic != Magic)
            throw new InvalidDataException("a plain pickle, not a checkpoint of torch.save");
        if (ReadPickle() is not 1001L)
            throw new InvalidDataException("an unknown version of PyTorch's old format");
        IsBigEndian = ReadPickle() is PickledDictionary machine && machine["little_endian"] is false;
        Root = ReadPickle();
        FindStorages();
    }

    public override string Description => "PyTorch legacy";

    public override void Dispose() => _stream.Dispose();

    protected override Stream OpenStorage(PickledStorage storage)
    {
        var stream = new FileStream(_stream.Name, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        stream.Position = _starts[storage.Key];
        return stream;
    }

    protected override uint? ChecksumOf(PickledStorage storage) => null;

    private object? ReadPickle() => PickleReader.Read(new PickleStream(_stream, _stream.Length - _stream.Position), persistentId =>
    {
        var storage = PickledViews.Storage(persistentId);
        if (storage.Count * TensorBytes.Width(storage.Type) > _stream.Length)
            throw new InvalidDataException(
                $"truncated, or a storage size mismatch: {BrokenFile.Quote(storage.Key)} declares {storage.Count} elements of {storage.Type}");
        if (_storages.TryAdd(storage.Key, storage) || _storages[storage.Key] == storage)
            return storage;
        throw new InvalidDataException($"storage {BrokenFile.Quote(storage.Key)} is declared in two ways");
    });

    private void FindStorages()
    {
        if (ReadPickle() is not List<object?> keys)
            throw new InvalidDataException("bad list of storage keys");
        var count = new byte[8];
        foreach (object? key in keys)
        {
            if (key is not string text || !_storages.TryGetValue(text, out var storage))
                throw new InvalidDataException("the list of storage keys has one that no tensor uses");
            if (_stream.ReadAtLeast(count, count.Length, throwOnEndOfStream: false) < count.Length)
                throw new InvalidDataException("truncated: storages are missing");
            long stored = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (stored != storage.Count)
                throw new InvalidDataException(
                    $"storage size mismatch: {BrokenFile.Quote(text)} has {stored} elements, the pickle declares {storage.Count}");
            long bytes = stored * TensorBytes.Width(storage.Type);
            if (bytes > _stream.Length - _stream.Position)
                throw new InvalidDataException($"truncated: the file ends inside of storage {BrokenFile.Quote(text)}");
            if (!_starts.TryAdd(text, _stream.Position))
                throw new InvalidDataException($"storage {BrokenFile.Quote(text)} occurs twice");
            _stream.Position += bytes;
        }

        if (_storages.Keys.FirstOrDefault(key => !_starts.ContainsKey(key)) is { } missing)
            throw new InvalidDataException($"missing record: no data for storage {BrokenFile.Quote(missing)}");
        if (_stream.Position != _stream.Length)
            throw new InvalidDataException($"{_stream.Length - _stream.Position} bytes after the last storage belong to nothing");
    }
}
