using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

/// <summary>Runs parity checks as tests.</summary>
internal static class ParityCases
{
    public static TheoryData<string> In(string folder) => [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Order()];

    /// <summary>Exactly one of the checks knows the case, and every quantity of it passes.</summary>
    public static void AllPass(string folder, params ParityCheck[] checks)
    {
        string file = new[] { "config.json", "expected.json" }.Select(name => Path.Combine(folder, name)).First(File.Exists);
        using var description = JsonDocument.Parse(File.ReadAllText(file));
        var check = Assert.Single(checks, check => check.Recognises(folder, description.RootElement));
        var quantities = check.Run(folder, description.RootElement, new ParityOptions()).ToList();
        Assert.NotEmpty(quantities);
        Assert.DoesNotContain(quantities, quantity => !quantity.Passed);
    }
}
