using System.Buffers.Binary;
using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>
/// PyTorch's format before 1.6: pickles of a magic number, a version, the writer's machine, the object and the
/// storage keys, one after the other; then for each key the element count (8 bytes) and the data. Count and data are little-endian
/// whatever machine wrote them (THPStorage_writeFileRaw turns them around), so that the machine's little_endian entry means nothing here.
/// </summary>
internal sealed class PyTorchLegacy : PyTorchContainer
{
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    private readonly FileStream _file;
    private readonly Dictionary<string, PickledStorage> _storages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _starts = new(StringComparer.Ordinal);

    public PyTorchLegacy(FileStream file)
    {
        _file = file;
        using var buffered = new BufferedStream(new FileSection(file.SafeFileHandle, 0, file.Length), (int)Math.Clamp(file.Length, 1, 1 << 16));
        var input = new PickleStream(buffered, file.Length);
        if (ReadPickle(input) is not BigInteger magic || magic != Magic)
            throw new InvalidDataException("a plain pickle, not a checkpoint of torch.save");
        if (ReadPickle(input) is not 1001L)
            throw new InvalidDataException("an unknown version of PyTorch's old format");
        if (ReadPickle(input) is not PickledDictionary)
            throw new InvalidDataException("bad description of the machine that wrote it");
        Root = ReadPickle(input);
        if (ReadPickle(input) is not List<object?> keys)
            throw new InvalidDataException("bad list of storage keys");
        FindStorages(keys, file.Length - input.Remaining);
    }

    public override string Description => "PyTorch legacy";

    public override void Dispose() => _file.Dispose();

    protected override Tensor ReadRun(PickledStorage storage, long offset, long count)
    {
        int width = TensorBytes.Width(storage.Type);
        using var section = new FileSection(_file.SafeFileHandle, _starts[storage.Key] + offset * width, count * width);
        return TensorBytes.Read(section.Fill, [count], storage.Type);
    }

    private object? ReadPickle(PickleStream input) => PickleReader.Read(input, LoadStorage, input.Remaining);

    private PickledStorage LoadStorage(object? persistentId)
    {
        var storage = PickledViews.Storage(persistentId);
        if (storage.Count * TensorBytes.Width(storage.Type) > _file.Length)
            throw new InvalidDataException(
                $"truncated, or a storage size mismatch: {BrokenFile.Quote(storage.Key)} declares {storage.Count} elements of {storage.Type}");
        if (_storages.TryAdd(storage.Key, storage) || _storages[storage.Key] == storage)
            return storage;
        throw new InvalidDataException($"storage {BrokenFile.Quote(storage.Key)} is declared in two ways");
    }

    private void FindStorages(List<object?> keys, long position)
    {
        Span<byte> count = stackalloc byte[8];
        foreach (object? key in keys)
        {
            if (key is not string text || !_storages.TryGetValue(text, out var storage))
                throw new InvalidDataException("the list of storage keys has one that no tensor uses");
            if (_file.Length - position < count.Length)
                throw new InvalidDataException("truncated: storages are missing");
            using (var section = new FileSection(_file.SafeFileHandle, position, count.Length))
                section.Fill(count);
            position += count.Length;
            long stored = BinaryPrimitives.ReadInt64LittleEndian(count);
            if (stored != storage.Count)
                throw new InvalidDataException(
                    $"storage size mismatch: {BrokenFile.Quote(text)} has {stored} elements, the pickle declares {storage.Count}");
            long bytes = stored * TensorBytes.Width(storage.Type);
            if (bytes > _file.Length - position)
                throw new InvalidDataException($"truncated: the file ends inside of storage {BrokenFile.Quote(text)}");
            if (!_starts.TryAdd(text, position))
                throw new InvalidDataException($"storage {BrokenFile.Quote(text)} occurs twice");
            position += bytes;
        }

        if (_storages.Keys.FirstOrDefault(key => !_starts.ContainsKey(key)) is { } missing)
            throw new InvalidDataException($"missing record: no data for storage {BrokenFile.Quote(missing)}");
        if (position != _file.Length)
            throw new InvalidDataException($"{_file.Length - position} bytes after the last storage belong to nothing");
    }
}
