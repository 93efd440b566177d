namespace SamMed3D.Transfer;

/// <summary>Rewrites checkpoints between torch.save's .pth and safetensors.</summary>
public static class CheckpointConversion
{
    private static readonly string[] TorchEndings = [".pth", ".pt", ".bin"];

    /// <summary>
    /// Writes the model's state dict of one file as another, which appears whole or not at all, holding one tensor in memory at a time.
    /// Texts beside the tensors are kept, and so is a <see cref="CheckpointManifest"/>; a file without one gets one that names the source and its SHA-256.
    /// </summary>
    /// <param name="source">Any file, index or folder that <see cref="Checkpoint.Open"/> takes.</param>
    /// <param name="target">Its ending chooses the container: .safetensors, or .pth, .pt, .bin.</param>
    /// <param name="options">What else changes; null for nothing.</param>
    /// <param name="stop">Stops between tensors; the target is then as it was.</param>
    /// <exception cref="ArgumentException">The target has another ending, or is the source.</exception>
    /// <exception cref="InvalidOperationException">The target exists, and the options do not allow to replace it.</exception>
    /// <exception cref="FileNotFoundException">There is no source.</exception>
    /// <exception cref="InvalidDataException">The source is damaged, or does not fit the options; the message has the path and the reason.</exception>
    public static ConversionReport Convert(string source, string target, ConversionOptions? options = null, CancellationToken stop = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        options = (options ?? new ConversionOptions()).Validated();
        RequireTarget(source, target, options);
        using var checkpoint = Checkpoint.Open(source);
        using var weights = new ConvertedWeights(checkpoint, options.StripPrefix ?? "", options.DType, stop);
        Write(target, weights, Texts(checkpoint), options);
        return new ConversionReport(source, target, weights.Tensors.Count, weights.RenamedCount, weights.CastCount, LeftOut(checkpoint));
    }

    /// <summary>
    /// Writes a model whole that was kept as a small file on top of another (<see cref="AdapterCheckpoint"/>), or one with LoRA as the plain model that
    /// computes the same (<see cref="LoraMerge"/>), or both. The model is held in memory.
    /// </summary>
    /// <param name="source">The small file, or the whole one of a model with LoRA.</param>
    /// <param name="basis">The file that training started from; null where the source is whole.</param>
    /// <param name="isMerged">Whether LoRA is merged into the layers that it stands beside.</param>
    /// <param name="target">Its ending chooses the container: .safetensors, or .pth, .pt, .bin.</param>
    /// <param name="options">What else changes; null for nothing.</param>
    /// <param name="stop">Stops between tensors; the target is then as it was.</param>
    /// <exception cref="ArgumentException">As for <see cref="Convert"/>.</exception>
    /// <exception cref="InvalidOperationException">The target exists, and the options do not allow to replace it.</exception>
    /// <exception cref="InvalidDataException">The files do not belong together, do not tell the network, have no LoRA to merge, or are damaged.</exception>
    public static ConversionReport Assemble(
        string source, string? basis, bool isMerged, string target, ConversionOptions? options = null, CancellationToken stop = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        options = (options ?? new ConversionOptions()).Validated();
        RequireTarget(source, target, options);
        using var checkpoint = Checkpoint.Open(source);
        if (checkpoint.Manifest is not { } manifest)
            throw BrokenFile.Because(source, "has no manifest that tells its network; expected weights that 'train' wrote");
        if (basis is null && manifest.Base is { } missing)
            throw BrokenFile.Because(source, $"is only what learned on top of {missing.Name}, which is needed to make it whole");
        if (isMerged && ((manifest.Model as UnetrOptions)?.Backbone as EncoderOptions ?? manifest.Promptable?.Encoder) is not { Adapter: LoraOptions })
            throw BrokenFile.Because(source, "has no LoRA to merge; expected weights of a run with start.kind lora. Leave out merging to write it as it is");
        using var model = basis is null ? Whole(checkpoint, manifest) : AdapterCheckpoint.Open(source, basis);
        var state = isMerged ? LoraMerge.MergedState(model) : model.state_dict();
        using var memory = new MemoryWeights(state);
        using var weights = new ConvertedWeights(memory, options.StripPrefix ?? "", options.DType, stop);
        Write(target, weights, (isMerged ? Plain(manifest) : manifest with { Base = null }).ToMetadata(checkpoint.Metadata), options);
        return new ConversionReport(source, target, weights.Tensors.Count, weights.RenamedCount, weights.CastCount, 0);
    }

    private static nn.Module Whole(Checkpoint checkpoint, CheckpointManifest manifest)
    {
        var model = AdapterCheckpoint.Build(manifest)
            ?? throw BrokenFile.Because(checkpoint.Origin, "its manifest does not tell the network; expected weights that 'train' wrote");
        try
        {
            WeightLoader.Load(model, checkpoint);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The manifest of the same model without adapters.</summary>
    private static CheckpointManifest Plain(CheckpointManifest manifest) => manifest with
    {
        Base = null,
        Model = manifest.Model is UnetrOptions { Backbone: EncoderOptions encoder } model ? model with { Backbone = encoder with { Adapter = null } } : manifest.Model,
        Promptable = manifest.Promptable is { } promptable ? promptable with { Encoder = promptable.Encoder with { Adapter = null } } : null,
    };

    private static void RequireTarget(string source, string target, ConversionOptions options)
    {
        _ = IsTorch(target);
        if (Path.GetFullPath(source) == Path.GetFullPath(target))
            throw new ArgumentException($"{target}: cannot be converted onto itself; choose another file.", nameof(target));
        if (Path.Exists(target) && !options.Overwrite)
            throw new InvalidOperationException($"{target}: exists already and is not replaced unless asked to.");
        AtomicFile.RequireWritable(target);
    }

    private static void Write(string target, IWeightSource weights, IReadOnlyDictionary<string, string> texts, ConversionOptions options)
    {
        if (IsTorch(target))
            PyTorchCheckpoint.Save(target, weights, options.Section, options.Section is null ? null : texts);
        else
            SafetensorsFile.Save(target, weights, texts);
    }

    private static bool IsTorch(string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        string ending = Path.GetExtension(target);
        if (TorchEndings.Contains(ending, StringComparer.OrdinalIgnoreCase))
            return true;
        return ending.Equals(".safetensors", StringComparison.OrdinalIgnoreCase) ? false
            : throw new ArgumentException($"{target}: the ending decides what is written; expected .safetensors or {string.Join(", ", TorchEndings)}.", nameof(target));
    }

    private static IReadOnlyDictionary<string, string> Texts(Checkpoint checkpoint) => checkpoint.Manifest is not null
        ? checkpoint.Metadata
        : new CheckpointManifest { Source = SourceFile.Of(checkpoint) }.ToMetadata(checkpoint.Metadata);

    private static int LeftOut(Checkpoint checkpoint)
    {
        if (checkpoint is not PyTorchCheckpoint { Section: not null })
            return 0;
        using var whole = PyTorchCheckpoint.Open(checkpoint.Origin, wholeFile: true);
        return whole.Tensors.Count - checkpoint.Tensors.Count;
    }
}
