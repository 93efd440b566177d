namespace SamMed3D.Transfer;

/// <summary>PyTorch's format since 1.6: a zip archive with NAME/data.pkl and one record NAME/data/KEY per storage.</summary>
internal sealed class PyTorchZip : PyTorchContainer
{
    private const long LongestPickle = 64L << 20, LargestPickleRatio = 32;

    private readonly ZipRecords _records;
    private readonly string _folder;
    private readonly bool _isBigEndian;

    public PyTorchZip(FileStream file)
    {
        _records = new ZipRecords(file);
        _folder = FindFolder();
        _isBigEndian = ReadByteOrder();
        Root = ReadPickle();
    }

    public override string Description => "PyTorch zip";

    public override void Dispose() => _records.Dispose();

    public override long InflatedBytes(PickledTensor tensor) => Record(tensor.Storage).IsCompressed
        ? (tensor.Offset + tensor.Extent) * TensorBytes.Width(tensor.Storage.Type)
        : 0;

    protected override Tensor ReadRun(PickledStorage storage, long offset, long count)
    {
        var record = Record(storage);
        int width = TensorBytes.Width(storage.Type);
        using var content = _records.Open(record, offset * width);
        if (count * width < record.Length)
            return TensorBytes.Read(bytes => ZipRecords.ReadExactly(content, bytes, record), [count], storage.Type, _isBigEndian);

        var checksum = new Crc32();
        var run = TensorBytes.Read(Checked, [count], storage.Type, _isBigEndian);
        try
        {
            ZipRecords.RequireWhole(content, record, checksum.Value);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }

        void Checked(Span<byte> bytes)
        {
            ZipRecords.ReadExactly(content, bytes, record);
            checksum.Append(bytes);
        }
    }

    private string FindFolder()
    {
        string[] pickles = [.. _records.Names.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal) && name.Count(letter => letter == '/') == 1)];
        if (_records.Names.Any(name => name.EndsWith("/constants.pkl", StringComparison.Ordinal)))
            throw new InvalidDataException("a TorchScript archive, which holds a program; save the model's state_dict() with torch.save instead");
        return pickles is [var only]
            ? only[..^"data.pkl".Length]
            : throw new InvalidDataException("missing record data.pkl: a zip archive, but not a checkpoint of torch.save");
    }

    private bool ReadByteOrder()
    {
        if (_records.Find(_folder + "byteorder") is not { } record)
            return false;
        return System.Text.Encoding.Latin1.GetString(_records.ReadAll(record, longest: 16)) switch
        {
            "little" => false,
            "big" => true,
            var other => throw new InvalidDataException($"the record byteorder is {BrokenFile.Quote(other)}, neither 'little' nor 'big'"),
        };
    }

    private object? ReadPickle()
    {
        var record = _records.Find(_folder + "data.pkl")!;
        byte[] bytes = _records.ReadAll(record, Math.Min(LongestPickle, LargestPickleRatio * (record.StoredLength + 1024)));
        var input = new PickleStream(new MemoryStream(bytes), bytes.Length);
        object? root = PickleReader.Read(input, LoadStorage, record.StoredLength);
        return input.Remaining == 0 ? root : throw new InvalidDataException($"bad pickle: {input.Remaining} bytes after its STOP");
    }

    private PickledStorage LoadStorage(object? persistentId)
    {
        var storage = PickledViews.Storage(persistentId);
        long length = Record(storage).Length;
        return length == storage.Count * TensorBytes.Width(storage.Type)
            ? storage
            : throw new InvalidDataException(
                $"storage size mismatch: {BrokenFile.Quote(storage.Key)} declares {storage.Count} elements of {storage.Type}, its record has {length} bytes");
    }

    private ZipRecord Record(PickledStorage storage) => _records.Find($"{_folder}data/{storage.Key}")
        ?? throw new InvalidDataException($"missing record {BrokenFile.Quote("data/" + storage.Key)}");
}
