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
        bool isTorch = IsTorch(target);
        if (Path.GetFullPath(source) == Path.GetFullPath(target))
            throw new ArgumentException($"{target}: cannot be converted onto itself; choose another file.", nameof(target));
        if (Path.Exists(target) && !options.Overwrite)
            throw new InvalidOperationException($"{target}: exists already and is not replaced unless asked to.");
        AtomicFile.RequireWritable(target);
        using var checkpoint = Checkpoint.Open(source);
        using var weights = new ConvertedWeights(checkpoint, options.StripPrefix ?? "", options.DType, stop);
        if (isTorch)
            PyTorchCheckpoint.Save(target, weights, options.Section, options.Section is null ? null : Texts(checkpoint));
        else
            SafetensorsFile.Save(target, weights, Texts(checkpoint));
        return new ConversionReport(source, target, weights.Tensors.Count, weights.RenamedCount, weights.CastCount, LeftOut(checkpoint));
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
