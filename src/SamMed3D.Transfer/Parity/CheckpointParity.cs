using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Golden cases of checkpoint files (sam3d_tiny, its views and its bad files): the same weights in every form read exactly, and each
/// broken or hostile file is refused with its path and a reason, without running anything.
/// </summary>
public sealed class CheckpointParity : ParityCheck
{
    private const string Whole = "sam3d_tiny", Views = "sam3d_tiny/views", Bad = "sam3d_tiny/bad";

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) => Case(description) is Whole or Views or Bad;

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        foreach (var file in description.GetProperty("files").EnumerateObject())
        {
            string path = Path.Combine(folder, file.Name);
            if (file.Value.TryGetProperty("expect", out var expected) && expected.GetString() == "error")
                yield return Refusal(path, description.GetProperty("marker").GetString()!);
            else if (file.Name.EndsWith(".pth", StringComparison.Ordinal) && Expected(file.Name, Case(description)) is { } weights)
                yield return Content(path, Path.Combine(folder, weights));
        }
    }

    private static string? Case(JsonElement description) =>
        description.TryGetProperty("case", out var name) ? name.GetString() : null;

    private static string? Expected(string file, string? goldenCase) => (goldenCase, file) switch
    {
        (Whole, _) => "weights.safetensors",
        (Views, "numpy_values.pth") => "numpy_values_expected.safetensors",
        (Views, _) => "expected.safetensors",
        (Bad, "good.pth") => "good.safetensors",
        _ => null,
    };

    private static ParityQuantity Refusal(string path, string marker)
    {
        string name = Path.GetFileName(path);
        try
        {
            using var checkpoint = Checkpoint.Open(path);
            return new ParityQuantity(name, double.PositiveInfinity, 0, "was read, but must be refused");
        }
        catch (InvalidDataException refusal)
        {
            bool isClear = refusal.Message.StartsWith(path, StringComparison.Ordinal) && !refusal.Message.Contains('\n');
            return File.Exists(marker)
                ? new ParityQuantity(name, double.PositiveInfinity, 0, $"{marker} exists: a program of a hostile file was run, here or before")
                : new ParityQuantity(name, isClear ? 0 : double.PositiveInfinity, 0, isClear ? null : $"unclear refusal: {refusal.Message}");
        }
    }

    private static ParityQuantity Content(string path, string expectedPath)
    {
        string name = Path.GetFileName(path);
        try
        {
            using var expected = SafetensorsFile.Open(expectedPath);
            bool isWhole = expected.Tensors[0].Name.StartsWith("model_state_dict/", StringComparison.Ordinal);
            using var actual = PyTorchCheckpoint.Open(path, wholeFile: isWhole);
            var byName = actual.Tensors.ToDictionary(info => KeyMap.Identity.Apply(info.Name)!, StringComparer.Ordinal);
            return Difference(name, expected, actual, byName);
        }
        catch (InvalidDataException problem)
        {
            return new ParityQuantity(name, double.PositiveInfinity, 0, problem.Message);
        }
    }

    private static ParityQuantity Difference(
        string name, SafetensorsFile expected, PyTorchCheckpoint actual, Dictionary<string, WeightInfo> byName)
    {
        if (byName.Count != expected.Tensors.Count)
            return new ParityQuantity(name, double.PositiveInfinity, 0, $"{byName.Count} tensors, expected {expected.Tensors.Count}");
        foreach (var info in expected.Tensors)
        {
            if (!byName.TryGetValue(info.Name, out var found) || !found.Shape.SequenceEqual(info.Shape))
                return new ParityQuantity(name, double.PositiveInfinity, 0, $"{info.Name} is missing or has another shape");
            using var scope = NewDisposeScope();
            // Half-precision files hold the rounded weights; all other types are the expected ones.
            var wanted = expected.Read(info.Name).to(found.DType is ScalarType.Float16 or ScalarType.BFloat16 ? found.DType : info.DType);
            var values = actual.Read(found.Name);
            if (values.dtype != wanted.dtype || !values.bytes.SequenceEqual(wanted.bytes))
                return new ParityQuantity(name, double.PositiveInfinity, 0, $"{info.Name} differs");
        }

        return new ParityQuantity(name, 0, 0);
    }
}
