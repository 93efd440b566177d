using System.Globalization;
using System.Security.Cryptography;

namespace SamMed3D.Transfer;

/// <summary>A file of named tensors. What it is, is decided by its content, never by its name.</summary>
public abstract class Checkpoint : IWeightSource
{
    private readonly Lazy<string> _sha256;
    private readonly Lazy<CheckpointManifest?> _manifest;

    /// <summary>For the formats of this library.</summary>
    private protected Checkpoint(string path)
    {
        Origin = path;
        _sha256 = new Lazy<string>(() => string.Concat(ComputeSha256().Select(value => value.ToString("x2", CultureInfo.InvariantCulture))));
        _manifest = new Lazy<CheckpointManifest?>(() =>
            Metadata.TryGetValue(CheckpointManifest.Key, out string? yaml) ? CheckpointManifest.Parse(yaml, Origin) : null);
    }

    /// <summary>The path.</summary>
    public string Origin { get; }

    /// <summary>Such as "safetensors" or "PyTorch zip".</summary>
    public abstract string Container { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<WeightInfo> Tensors { get; }

    /// <summary>Texts kept beside the tensors, such as those that the training noted.</summary>
    public abstract IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where the weights come from and what they expect; null in files that this library did not write.</summary>
    /// <exception cref="InvalidDataException">The file has a manifest that does not fit; the message has the path and every reason.</exception>
    public CheckpointManifest? Manifest => _manifest.Value;

    /// <summary>SHA-256 of the whole file in lower-case hex (of an index followed by its files); computed when first asked for.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>Opens a PyTorch file (.pth, .pt), a safetensors file, or the index of several (or its folder) without running anything of it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, hostile or no checkpoint; the message has the path and the reason.</exception>
    public static Checkpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            return ShardedSafetensors.Open(path);
        byte[] start = ReadStart(path);
        if (ShardedSafetensors.IsIndex(start))
            return ShardedSafetensors.Open(path);
        bool isSafetensors = start is [_, _, _, _, _, _, _, _, (byte)'{', ..];
        return isSafetensors || path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && !IsPyTorch(start)
            ? SafetensorsFile.Open(path)
            : PyTorchCheckpoint.Open(path);
    }

    /// <inheritdoc/>
    public abstract Tensor Read(string name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The first bytes of a file.</summary>
    internal static byte[] ReadStart(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var start = new byte[136]; // As far as the mark of a DICOM file.
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start[..count];
    }

    /// <summary>Whether a file begins like a zip archive or a pickle.</summary>
    internal static bool IsPyTorch(ReadOnlySpan<byte> start) => start is [(byte)'P', (byte)'K', ..] or [0x80, >= 2 and <= 5, ..];

    /// <summary>Why a file that begins so is no checkpoint.</summary>
    internal static string WhyUnrecognised(byte[] start) =>
        start.Length == 0 ? "an empty file, not a checkpoint"
        : FileContent.NameOf(start) is { } kind ? $"not a checkpoint but {kind}"
        : $"not a checkpoint: neither a PyTorch file nor safetensors (it begins with {Convert.ToHexString(start.AsSpan(0, Math.Min(8, start.Length)))})";

    /// <summary>The hash of what <see cref="Sha256"/> covers.</summary>
    private protected virtual byte[] ComputeSha256()
    {
        using var stream = File.OpenRead(Origin);
        return SHA256.HashData(stream);
    }

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);
}
