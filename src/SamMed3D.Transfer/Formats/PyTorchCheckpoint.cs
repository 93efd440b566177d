namespace SamMed3D.Transfer;

/// <summary>
/// A file of torch.save (.pth, .pt), zip or legacy. The pickle inside is read as inert data; nothing of it is ever run.
/// Tensors are named as in the model's state dict, which is found under "model_state_dict", "state_dict" and the like, or is the
/// whole file; where a file has no such part, every tensor is named by its path through dicts and lists, joined by "/".
/// </summary>
public sealed class PyTorchCheckpoint : Checkpoint
{
    private static readonly string[] Sections = ["model_state_dict", "state_dict", "model", "network_weights"];

    private readonly PyTorchContainer _container;
    private readonly Dictionary<string, PickledTensor> _tensors;

    private PyTorchCheckpoint(string path, PyTorchContainer container, bool wholeFile)
        : base(path)
    {
        _container = container;
        var root = container.Root;
        long length = new FileInfo(path).Length;
        if (!wholeFile && root is PickledDictionary dictionary)
            foreach (string section in Sections)
                if (Section is null && dictionary[section] is PickledDictionary part && PickledTensors.Name(part, length).Count > 0)
                    (Section, root) = (section, part);
        Metadata = Section is null ? new Dictionary<string, string>() : Texts((PickledDictionary)container.Root!);
        var named = PickledTensors.Name(root, length);
        if (named.Count == 0)
            throw new InvalidDataException(root is PickledObject whole
                ? $"no state dict but a whole object of class {BrokenFile.Quote(whole.Type.FullName)}; save its state_dict() with torch.save instead"
                : "no tensors: expected a state dict, as torch.save(model.state_dict(), …) writes it");
        PickledTensors.RequireReasonableSizes(named, length, container);
        _tensors = named.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        Tensors = [.. named.Select(pair => new WeightInfo(pair.Key, pair.Value.Shape, pair.Value.Storage.Type))];
    }

    /// <inheritdoc/>
    public override string Container => _container.Description;

    /// <summary>The key under which the model's state dict was found; null when it is the file itself.</summary>
    public string? Section { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<WeightInfo> Tensors { get; }

    /// <summary>The texts that stand beside the state dict; none in a bare one.</summary>
    public override IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks all it says about its tensors; their values are read later, one at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wholeFile">Whether to list every tensor of the file by its path, not the model's state dict alone.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, hostile or no checkpoint; the message has the path and the reason.</exception>
    public static PyTorchCheckpoint Open(string path, bool wholeFile = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] start = ReadStart(path);
        if (!IsPyTorch(start))
            throw BrokenFile.Because(path, WhyUnrecognised(start));
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        try
        {
            PyTorchContainer container = start[0] == 'P' ? new PyTorchZip(file) : new PyTorchLegacy(file);
            return new PyTorchCheckpoint(path, container, wholeFile);
        }
        catch (InvalidDataException problem)
        {
            file.Dispose();
            throw BrokenFile.Because(path, problem.Message, problem);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a zip file that torch.load(path, weights_only=True) reads, tensor by tensor in the given order.</summary>
    /// <param name="path">The file; an old one is replaced only when the new one is complete.</param>
    /// <param name="tensors">Names, each once, and tensors, which stay the caller's.</param>
    /// <param name="section">The key of the state dict inside of an outer dict; null for a bare state dict.</param>
    /// <param name="metadata">Texts beside the state dict; not for a bare one.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or there is no place for the texts.</exception>
    public static void Save(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        string? section = "model_state_dict",
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var source = new MemoryWeights(tensors);
        Save(path, source, section, metadata);
    }

    /// <summary>Writes a zip file that torch.load(path, weights_only=True) reads, holding one tensor in memory at a time.</summary>
    /// <param name="path">The file; an old one is replaced only when the new one is complete.</param>
    /// <param name="source">The tensors.</param>
    /// <param name="section">The key of the state dict inside of an outer dict; null for a bare state dict.</param>
    /// <param name="metadata">Texts beside the state dict; not for a bare one.</param>
    /// <exception cref="ArgumentException">There is no place for the texts.</exception>
    public static void Save(
        string path, IWeightSource source, string? section = "model_state_dict", IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        metadata ??= new Dictionary<string, string>();
        if (metadata.Count > 0 && (section is null || Sections.Any(metadata.ContainsKey)))
            throw new ArgumentException(section is null
                ? "A bare state dict has no place for metadata; name a section."
                : $"Metadata cannot be named like a state dict: {string.Join(", ", Sections)}.", nameof(metadata));
        AtomicFile.Write(path, stream => PyTorchZipWriter.Write(stream, source, section, metadata));
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        if (!_tensors.TryGetValue(name, out var tensor))
            throw new KeyNotFoundException($"{Origin} has no tensor '{name}'.");
        try
        {
            return _container.Read(tensor);
        }
        catch (InvalidDataException problem)
        {
            throw BrokenFile.Because(Origin, $"tensor {BrokenFile.Quote(name)} cannot be read: {problem.Message}", problem);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _container.Dispose();

    private static Dictionary<string, string> Texts(PickledDictionary dictionary)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Items)
            if (key is string name && value is string text)
                texts[name] = text;
        return texts;
    }
}
