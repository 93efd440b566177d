using System.Security.Cryptography;

namespace SamMed3D.Transfer;

/// <summary>
/// Tensors spread over several .safetensors files beside a *.safetensors.index.json, whose weight_map says which tensor is in which file
/// (Hugging Face's layout for large models). The index and the files must agree on every tensor.
/// </summary>
public sealed class ShardedSafetensors : Checkpoint
{
    private const string IndexEnding = ".safetensors.index.json";
    private const long LongestIndex = 100_000_000;

    private readonly Dictionary<string, SafetensorsFile> _shards;
    private readonly Dictionary<string, string> _shardNames;

    private ShardedSafetensors(string path, Dictionary<string, SafetensorsFile> shards, Dictionary<string, string> shardNames)
        : base(path)
    {
        _shards = shards;
        _shardNames = shardNames;
        Tensors = [.. shards.Values.SelectMany(shard => shard.Tensors)];
        Metadata = shards.Values.SelectMany(shard => shard.Metadata).GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .Where(group => group.Select(pair => pair.Value).Distinct(StringComparer.Ordinal).Count() == 1)
            .ToDictionary(group => group.Key, group => group.First().Value, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override string Container => $"safetensors in {_shards.Count} files";

    /// <inheritdoc/>
    public override IReadOnlyList<WeightInfo> Tensors { get; }

    /// <summary>Texts in the headers of the files, where those that have one agree.</summary>
    public override IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens an index, or the folder that holds one, and every file it names.</summary>
    /// <param name="path">The *.safetensors.index.json, whatever its name, or its folder.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="InvalidDataException">Index and files contradict each other or are damaged; the message has the path and the reason.</exception>
    public static new ShardedSafetensors Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string index = Directory.Exists(path) ? FindIndex(path) : path;
        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            var shardNames = ReadIndex(index);
            foreach (string name in shardNames.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                string file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(index))!, name);
                if (!File.Exists(file))
                    throw new InvalidDataException($"the file {BrokenFile.Quote(name)} that it names is missing");
                shards.Add(name, SafetensorsFile.Open(file));
            }

            RequireAgreement(shardNames, shards);
            return new ShardedSafetensors(index, shards, shardNames);
        }
        catch (Exception problem)
        {
            foreach (var shard in shards.Values)
                shard.Dispose();
            if (problem is InvalidDataException)
                throw BrokenFile.Because(index, problem.Message, problem);
            throw;
        }
    }

    /// <inheritdoc/>
    public override Tensor Read(string name) => _shardNames.TryGetValue(name, out string? shard)
        ? _shards[shard].Read(name)
        : throw new KeyNotFoundException($"{Origin} has no tensor '{name}'.");

    /// <summary>Whether a file begins like JSON: a safetensors file begins with a length, whose upper bytes are 0.</summary>
    internal static bool IsIndex(ReadOnlySpan<byte> start) => start.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && !start.Contains((byte)0);

    /// <summary>Whether a folder holds an index.</summary>
    internal static bool HasIndex(string folder) => Directory.EnumerateFiles(folder, "*" + IndexEnding).Any();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var shard in _shards.Values)
            shard.Dispose();
    }

    /// <summary>Of the index followed by the files in the order of their names.</summary>
    private protected override byte[] ComputeSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        foreach (string path in _shards.Values.Select(shard => shard.Origin).Prepend(Origin))
        {
            using var stream = File.OpenRead(path);
            for (int count = stream.Read(buffer); count > 0; count = stream.Read(buffer))
                hash.AppendData(buffer, 0, count);
        }

        return hash.GetHashAndReset();
    }

    private static string FindIndex(string folder)
    {
        string[] found = [.. Directory.EnumerateFiles(folder, "*" + IndexEnding).Order(StringComparer.Ordinal)];
        return found switch
        {
            [var only] => only,
            [] => throw BrokenFile.Because(folder, $"a folder without a *{IndexEnding}; expected a checkpoint file, or a folder with such an index"),
            _ => throw BrokenFile.Because(
                folder, $"a folder with several indexes ({LoadReport.Some([.. found.Select(Path.GetFileName)!])}); name the one to open"),
        };
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        var length = new FileInfo(path).Length; // A missing file is reported as such.
        if (length > LongestIndex)
            throw new InvalidDataException($"bad index: {length} bytes are more than an index can have");
        using var json = StrictJson.Parse(File.ReadAllBytes(path), "bad index");
        var root = StrictJson.Members(json.RootElement, "bad index").ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        if (!root.TryGetValue("weight_map", out var map))
            throw new InvalidDataException("a JSON file, but no index of safetensors files: it lacks 'weight_map'");
        var shardNames = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tensor, value) in StrictJson.Members(map, "bad index: 'weight_map'"))
        {
            string name = StrictJson.Text(value, $"bad index: tensor {BrokenFile.Quote(tensor)}");
            if (name is "" or "." or ".." || name.AsSpan().ContainsAny("/\\:\0"))
                throw new InvalidDataException($"bad index: {BrokenFile.Quote(name)} is no name of a file in the same folder");
            shardNames.Add(tensor, name);
        }

        return shardNames.Count > 0 ? shardNames : throw new InvalidDataException("bad index: it names no tensors");
    }

    private static void RequireAgreement(Dictionary<string, string> shardNames, Dictionary<string, SafetensorsFile> shards)
    {
        foreach (var (shard, file) in shards)
            foreach (var info in file.Tensors)
                if (!shardNames.TryGetValue(info.Name, out string? named) || named != shard)
                    throw new InvalidDataException(
                        $"bad index: {BrokenFile.Quote(shard)} holds tensor {BrokenFile.Quote(info.Name)}, which the index "
                        + (named is null ? "does not name" : "places elsewhere"));
        var held = shards.Values.SelectMany(file => file.Tensors).Select(info => info.Name).ToHashSet(StringComparer.Ordinal);
        if (shardNames.FirstOrDefault(pair => !held.Contains(pair.Key)) is { Key: { } missing, Value: var place })
            throw new InvalidDataException($"bad index: tensor {BrokenFile.Quote(missing)} is not in {BrokenFile.Quote(place)}");
    }
}
