namespace SamMed3D.Transfer;

/// <summary>
/// Small checkpoints of models most of which is as some other file has it: what learned, and what was fitted to the model when it was loaded. The
/// rest stays in the file that training started from, which the manifest names by its SHA-256 (<see cref="CheckpointManifest.Base"/>).
/// </summary>
public static class AdapterCheckpoint
{
    /// <summary>Writes what the base does not have.</summary>
    /// <param name="path">The file; an old one is replaced only when the new one is complete.</param>
    /// <param name="model">The model. What wants no gradient, and was loaded as it is in the base, is left out.</param>
    /// <param name="start">What was loaded into this model from the base, which must be a file.</param>
    /// <param name="manifest">Tells how the model is built.</param>
    /// <param name="others">Other texts for the file's header; null for none.</param>
    /// <exception cref="ArgumentException">The start is no file, was inflated or is of another model, or nothing of the model is as the base has it.</exception>
    public static void Save(
        string path, nn.Module model, LoadReport start, CheckpointManifest manifest, IReadOnlyDictionary<string, string>? others = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(manifest);
        if (WhyNot(model, start) is { } reason)
            throw new ArgumentException($"{reason}; save the model whole.", nameof(start));
        var inBase = InBase(model, start);
        var basis = new SourceFile { Name = Path.GetFileName(start.Origin), Sha256 = start.Sha256! };
        SafetensorsFile.Save(path, model.state_dict().Where(entry => !inBase.Contains(entry.Key)), (manifest with { Base = basis }).ToMetadata(others));
    }

    /// <summary>Why a model cannot be saved so, in half a sentence; null when it can.</summary>
    internal static string? WhyNot(nn.Module model, LoadReport start) =>
        start.Sha256 is null ? $"It was started from {start.Origin}, not from a file that could be named"
        : start.Inflation is not null ? $"{start.Origin} was inflated, so that it has no tensor of the model as it is"
        : !model.state_dict().Keys.SequenceEqual(start.Entries.Select(entry => entry.Name)) ? "The report of the start is that of another model"
        : InBase(model, start).Count == 0 ? $"Nothing of the model is sure to be as {start.Origin} has it: all of it learns"
        : null;

    /// <summary>What was loaded as it is in the base, and stays so.</summary>
    private static HashSet<string> InBase(nn.Module model, LoadReport start)
    {
        var learning = model.named_parameters().Where(entry => entry.parameter.requires_grad).Select(entry => entry.name).ToHashSet(StringComparer.Ordinal);
        return start.Entries.Where(entry => entry.Outcome == LoadOutcome.Loaded && !learning.Contains(entry.Name))
            .Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Builds the model, fills it from the base and puts on top what was saved; the caller owns it.</summary>
    /// <param name="path">What <see cref="Save"/> wrote.</param>
    /// <param name="basis">The file that training started from.</param>
    /// <returns>A <see cref="Unetr"/> or a <see cref="PromptableModel"/>, as the manifest says.</returns>
    /// <exception cref="InvalidDataException">The first file is none of these, the second is another one than it was trained on, or one of them is damaged.</exception>
    public static nn.Module Open(string path, string basis)
    {
        using var adapter = Checkpoint.Open(path);
        if (adapter.Manifest is not { Base: { } expected } manifest || Build(manifest) is not { } model)
            throw BrokenFile.Because(path, "not an adapter checkpoint: its manifest names no base and network to put it on");
        try
        {
            using var whole = Checkpoint.Open(basis);
            if (whole.Sha256 != expected.Sha256)
                throw new InvalidDataException(
                    $"{basis}: not the file that {path} was trained on; expected {expected.Name} with SHA-256 {expected.Sha256}, got {whole.Sha256}");
            Fill(model, adapter, whole);
            return model;
        }
        catch (WeightsRefusedException problem)
        {
            model.Dispose();
            throw new InvalidDataException(problem.Message, problem);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The network of a manifest with fresh weights; null where the manifest names none.</summary>
    internal static nn.Module? Build(CheckpointManifest manifest) =>
        manifest.Model is { } segmentation ? segmentation.Create() : manifest.Promptable is { } promptable ? new PromptableModel(promptable) : null;

    /// <summary>Between them the two files must have everything, each value once.</summary>
    private static void Fill(nn.Module model, Checkpoint adapter, Checkpoint basis)
    {
        var policy = new LoadPolicy { KeepInitial = [.. adapter.Tensors.Select(info => info.Name)] };
        var fromBase = model is PromptableModel || WeightFamily.Recognise(basis.Tensors).Pattern is { IsUnetr: true }
            ? WeightLoader.Load(model, basis, policy: policy)
            : WeightLoader.LoadEncoder(model, basis, policy);
        var rest = new LoadPolicy { KeepInitial = [.. fromBase.Entries.Where(entry => entry.IsFilled).Select(entry => entry.Name)] };
        WeightLoader.Load(model, adapter, KeyMap.Identity, rest);
    }
}
