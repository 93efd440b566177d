using System.Buffers.Binary;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>One tensor of a safetensors header; its bytes lie from Begin to End, counted from the start of the data.</summary>
internal sealed record SafetensorsEntry(WeightInfo Info, long Begin, long End);

/// <summary>The JSON header of a safetensors file, read strictly and written in the order given.</summary>
internal sealed class SafetensorsHeader
{
    // The limit of the reference implementation; a header of a million tensors fits.
    private const long LongestHeader = 100_000_000;
    private const int MostDimensions = 64;
    private const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, ScalarType> TypesByName = new(StringComparer.Ordinal)
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    private SafetensorsHeader(long dataStart) => DataStart = dataStart;

    /// <summary>Where the data begins in the file.</summary>
    public long DataStart { get; }

    /// <summary>The tensors in stored order.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>The free-form texts.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads and checks a header.</summary>
    public static SafetensorsHeader Read(FileStream file, string path)
    {
        try
        {
            return Read(file);
        }
        catch (InvalidDataException problem)
        {
            throw BrokenFile.Because(path, problem.Message, problem);
        }
    }

    /// <summary>The header for these tensors, padded with spaces to a multiple of 8 bytes.</summary>
    public static byte[] Write(IReadOnlyList<WeightInfo> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, text);
                json.WriteEndObject();
            }

            var names = new HashSet<string>(StringComparer.Ordinal);
            var begin = 0L;
            foreach (var tensor in tensors)
            {
                if (tensor.Name == MetadataKey || !names.Add(tensor.Name))
                    throw new ArgumentException($"A tensor name must be unique and not '{MetadataKey}', got '{tensor.Name}'.", nameof(tensors));
                long end = begin + tensor.Shape.Aggregate(1L, (product, size) => product * size) * TensorBytes.Width(tensor.DType);
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", TypesByName.First(pair => pair.Value == tensor.DType).Key);
                WriteNumbers(json, "shape", tensor.Shape);
                WriteNumbers(json, "data_offsets", [begin, end]);
                json.WriteEndObject();
                begin = end;
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static SafetensorsHeader Read(FileStream file)
    {
        long fileLength = file.Length;
        var prefix = new byte[8];
        if (fileLength < prefix.Length)
            throw new InvalidDataException($"truncated: {fileLength} bytes are too few for a safetensors file");
        using (var start = new FileSection(file.SafeFileHandle, 0, prefix.Length))
            start.Fill(prefix);
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 2 || length > fileLength - prefix.Length || length > LongestHeader)
            throw new InvalidDataException(
                $"bad safetensors header: its length is given as {(ulong)length} bytes, in a file of {fileLength} bytes");
        var text = new byte[length];
        using (var section = new FileSection(file.SafeFileHandle, prefix.Length, length))
            section.Fill(text);
        var header = new SafetensorsHeader(prefix.Length + length);
        long dataLength = fileLength - header.DataStart;
        using var json = StrictJson.Parse(text, "bad safetensors header");
        foreach (var (name, value) in StrictJson.Members(json.RootElement, "bad safetensors header"))
            if (name == MetadataKey)
                foreach (var (key, item) in StrictJson.Members(value, $"bad safetensors header: '{MetadataKey}'"))
                    header.Metadata.Add(key, StrictJson.Text(item, $"bad safetensors header: '{MetadataKey}' entry {BrokenFile.Quote(key)}"));
            else
                header.Entries.Add(Entry(name, value, dataLength));
        header.RequireSeamlessData(dataLength);
        return header;
    }

    private static SafetensorsEntry Entry(string name, JsonElement value, long dataLength)
    {
        string quoted = BrokenFile.Quote(name), where = $"bad safetensors header: tensor {quoted}";
        var fields = StrictJson.Members(value, where).ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        string typeName = StrictJson.Text(Field("dtype"), $"{where}: 'dtype'");
        if (!TypesByName.TryGetValue(typeName, out var type))
            throw new InvalidDataException(
                $"tensor {quoted} has the unknown dtype {BrokenFile.Quote(typeName)}; known are {string.Join(", ", TypesByName.Keys)}");
        long[] shape = StrictJson.Integers(Field("shape"), MostDimensions, $"{where}: 'shape'");
        long[] offsets = StrictJson.Integers(Field("data_offsets"), 2, $"{where}: 'data_offsets'");
        if (offsets is not [>= 0 and var begin, var end] || end < begin)
            throw new InvalidDataException($"tensor {quoted} has bad data offsets [{string.Join(", ", offsets)}]");
        if (end > dataLength)
            throw new InvalidDataException(
                $"truncated or bad offsets: tensor {quoted} ends at byte {end} of the data, which has {dataLength} bytes");
        if (TensorBytes.CountElements(shape) is not { } count || count * TensorBytes.Width(type) != end - begin)
            throw new InvalidDataException(
                $"shape mismatch: tensor {quoted} of shape [{string.Join(", ", shape)}] and dtype {typeName} does not fill its {end - begin} bytes");
        return new SafetensorsEntry(new WeightInfo(name, shape, type), begin, end);

        JsonElement Field(string key) => fields.TryGetValue(key, out var field)
            ? field
            : throw new InvalidDataException($"{where} lacks '{key}'");
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    // The format asks for data without overlaps, gaps or a tail.
    private void RequireSeamlessData(long dataLength)
    {
        var reached = 0L;
        foreach (var entry in Entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != reached)
                throw new InvalidDataException(
                    $"bad offsets: tensor {BrokenFile.Quote(entry.Info.Name)} begins at byte {entry.Begin} of the data, where {reached} was expected (an overlap or a gap)");
            reached = entry.End;
        }

        if (reached != dataLength)
            throw new InvalidDataException($"bad offsets: {dataLength - reached} bytes after the last tensor belong to nothing");
    }
}
