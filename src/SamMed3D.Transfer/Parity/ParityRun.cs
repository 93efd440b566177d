using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Finds golden cases below a folder and recomputes those that a check knows.</summary>
public static class ParityRun
{
    private static readonly string[] DescriptionNames = ["config.json", "expected.json", MetricsParity.FileName];

    /// <summary>Runs the cases one by one, in the order of their names, as the caller enumerates.</summary>
    /// <param name="folder">A case, or a folder with cases anywhere below it.</param>
    /// <param name="options">Device and precision.</param>
    /// <param name="checks">Which checks to ask; <see cref="ParityChecks.All"/> when left out.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static IEnumerable<ParityCase> Run(string folder, ParityOptions options, IReadOnlyList<ParityCheck>? checks = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: no such folder.");
        return Cases(folder).Select(file => RunCase(folder, file, options, checks ?? ParityChecks.All));
    }

    /// <summary>The description files, one a folder.</summary>
    private static IEnumerable<string> Cases(string folder) => Directory
        .EnumerateDirectories(folder, "*", SearchOption.AllDirectories)
        .Prepend(folder)
        .Order(StringComparer.Ordinal)
        .Select(candidate => DescriptionNames.Select(name => Path.Combine(candidate, name)).FirstOrDefault(File.Exists))
        .OfType<string>();

    private static ParityCase RunCase(string root, string file, ParityOptions options, IReadOnlyList<ParityCheck> checks)
    {
        string folder = Path.GetDirectoryName(file)!;
        string name = Path.GetRelativePath(root, folder).Replace('\\', '/');
        if (name == ".")
            name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));
        try
        {
            using var description = GoldenDescription.Read(file);
            var fitting = checks.Where(check => Recognises(check, folder, description.RootElement)).ToList();
            return new ParityCase(name, fitting.Count > 0,
                [.. fitting.SelectMany(check => check.Run(folder, description.RootElement, options))]);
        }
        catch (JsonException error)
        {
            return Failed(name, Path.GetFileName(file), $"not valid JSON: {error.Message}");
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            // One case that cannot run is a result; the others still count.
            return Failed(name, "run", error is KeyNotFoundException ? $"{Path.GetFileName(file)} lacks an entry that the check needs" : TorchError.Reason(error));
        }
    }

    /// <summary>A file of another form than the check expects is simply not its case.</summary>
    private static bool Recognises(ParityCheck check, string folder, JsonElement description)
    {
        try
        {
            return check.Recognises(folder, description);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static ParityCase Failed(string name, string quantity, string reason) =>
        new(name, true, [new ParityQuantity(quantity, double.PositiveInfinity, 0, reason)]);
}
