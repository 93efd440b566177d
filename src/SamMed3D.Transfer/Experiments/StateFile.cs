using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The file that a stopped run goes on from: model, optimizer and average as tensors, the training's state as text, and a checksum over all of it.</summary>
internal static class StateFile
{
    /// <summary>What stands before the names of the tensors of each part.</summary>
    public const string ModelPrefix = "model.", OptimizerPrefix = "optimizer.", AveragePrefix = "average.";

    private const string StateKey = "state", ChecksumKey = "checksum";

    /// <summary>Replaces the run's state.</summary>
    /// <param name="run">The run.</param>
    /// <param name="tensors">Named by their parts.</param>
    /// <param name="state">The training's state.</param>
    /// <param name="others">Other texts.</param>
    public static void Save(RunFolder run, IWeightSource tensors, TrainingState state, IReadOnlyDictionary<string, string> others)
    {
        var texts = new Dictionary<string, string>(others) { [StateKey] = JsonSerializer.Serialize(state, RunFolder.Json) };
        texts[ChecksumKey] = Checksum(tensors, texts);
        SafetensorsFile.Save(run.StatePath, tensors, texts);
    }

    /// <summary>Finds out, before anything is prepared, whether a run can go on.</summary>
    /// <exception cref="InvalidDataException">It cannot; the message has the path and the reason.</exception>
    public static void Require(RunFolder run)
    {
        using var file = Open(run);
        Read(file);
        if (!file.Tensors.Any(tensor => tensor.Name.StartsWith(OptimizerPrefix, StringComparison.Ordinal)))
            throw new InvalidDataException($"{run.StatePath}: holds no optimizer state; it is not the state of a run.");
        // A flipped bit in a moment of the optimizer would go on as if it had been learnt. States of earlier versions have no checksum.
        if (file.Metadata.TryGetValue(ChecksumKey, out string? expected) && Checksum(file, file.Metadata) != expected)
            throw Damaged(run, BrokenFile.Because(run.StatePath, "its checksum is wrong: bytes of it have changed since it was saved"));
    }

    /// <summary>Opens a run's state; the caller owns the file.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is not whole.</exception>
    public static SafetensorsFile Open(RunFolder run)
    {
        if (!File.Exists(run.StatePath))
            throw new InvalidDataException($"{run.Path}: has no {Path.GetFileName(run.StatePath)} to go on from; the run was stopped before it saved one. "
                + "Delete the folder and train anew (saveMinutes says how often the state is saved).");
        try
        {
            return SafetensorsFile.Open(run.StatePath);
        }
        catch (InvalidDataException damage)
        {
            throw Damaged(run, damage);
        }
    }

    /// <summary>The training's state.</summary>
    /// <exception cref="InvalidDataException">The file has none.</exception>
    public static TrainingState Read(SafetensorsFile file)
    {
        try
        {
            if (file.Metadata.TryGetValue(StateKey, out string? text) && JsonSerializer.Deserialize<TrainingState>(text, RunFolder.Json) is { Step: >= 0 } state)
                return state;
        }
        catch (JsonException)
        {
        }

        throw new InvalidDataException($"{file.Origin}: does not say after which step it was saved; it is not the state of a run of this version.");
    }

    /// <summary>It was whole when it was put in place: something else damaged it, and of the optimizer there is no other copy.</summary>
    private static InvalidDataException Damaged(RunFolder run, InvalidDataException damage) => new(
        $"{damage.Message.TrimEnd('.')}; put a copy of it back, or begin a run from the last weights: start: {{kind: checkpoint, path: {run.LastPath}}}.", damage);

    /// <summary>SHA-256 over all texts but its own and all tensors, by name.</summary>
    private static string Checksum(IWeightSource tensors, IReadOnlyDictionary<string, string> texts)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            foreach (var (name, text) in texts.Where(entry => entry.Key != ChecksumKey).OrderBy(entry => entry.Key, StringComparer.Ordinal))
                stream.Write(Encoding.UTF8.GetBytes($"{name}\n{text}\n"));
            foreach (var info in tensors.Tensors.OrderBy(info => info.Name, StringComparer.Ordinal))
            {
                stream.Write(Encoding.UTF8.GetBytes($"{info.Name} {info.DType} {string.Join(' ', info.Shape)}\n"));
                using var tensor = tensors.Read(info.Name);
                TensorBytes.Write(stream, tensor);
            }
        }

        return Convert.ToHexString(hash.Hash!);
    }
}
