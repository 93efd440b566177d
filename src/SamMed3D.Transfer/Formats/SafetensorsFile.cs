namespace SamMed3D.Transfer;

/// <summary>
/// A .safetensors file: 8 bytes of little-endian header length, a JSON header, raw little-endian data in C order
/// (the format of Hugging Face's safetensors). Opening reads the header alone; tensors are read one at a time.
/// </summary>
public sealed class SafetensorsFile : Checkpoint
{
    private readonly FileStream _stream;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(string path, FileStream stream, SafetensorsHeader header)
        : base(path)
    {
        _stream = stream;
        _header = header;
        _entries = header.Entries.ToDictionary(entry => entry.Info.Name, StringComparer.Ordinal);
        Tensors = [.. header.Entries.Select(entry => entry.Info)];
    }

    /// <inheritdoc/>
    public override string Container => "safetensors";

    /// <inheritdoc/>
    public override IReadOnlyList<WeightInfo> Tensors { get; }

    /// <summary>The header's free-form texts.</summary>
    public override IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its whole header against the file's length.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not whole and consistent; the message has the path and the reason.</exception>
    public static new SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        try
        {
            return new SafetensorsFile(path, stream, SafetensorsHeader.Read(stream, path));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads every tensor on the CPU; the caller owns them.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyDictionary<string, Tensor> ReadAll(string path)
    {
        using var file = Open(path);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var info in file.Tensors)
                tensors.Add(info.Name, file.Read(info.Name));
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file, tensor by tensor in the given order, whatever their device and strides.</summary>
    /// <param name="path">The file; an old one is replaced only when the new one is complete.</param>
    /// <param name="tensors">Names, each once, and tensors, which stay the caller's.</param>
    /// <param name="metadata">Free-form texts for the header.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is reserved.</exception>
    public static void Save(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var source = new MemoryWeights(tensors);
        Save(path, source, metadata);
    }

    /// <summary>Writes a file, holding one tensor in memory at a time.</summary>
    /// <param name="path">The file; an old one is replaced only when the new one is complete.</param>
    /// <param name="source">The tensors.</param>
    /// <param name="metadata">Free-form texts for the header.</param>
    /// <exception cref="ArgumentException">A name is reserved.</exception>
    public static void Save(string path, IWeightSource source, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        byte[] header = SafetensorsHeader.Write(source.Tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            foreach (var info in source.Tensors)
            {
                using var tensor = source.Read(info.Name);
                TensorBytes.Write(stream, tensor);
            }
        });
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
            throw new KeyNotFoundException($"{Origin} has no tensor '{name}'.");
        using var section = new FileSection(_stream.SafeFileHandle, _header.DataStart + entry.Begin, entry.End - entry.Begin);
        try
        {
            return TensorBytes.Read(section.Fill, entry.Info.Shape, entry.Info.DType);
        }
        catch (InvalidDataException problem)
        {
            throw BrokenFile.Because(Origin, $"tensor {BrokenFile.Quote(name)} cannot be read: {problem.Message}", problem);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _stream.Dispose();
}
