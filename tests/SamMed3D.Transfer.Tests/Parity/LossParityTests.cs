using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class LossParityTests
{
    [Fact]
    public void Losses_and_their_gradients_equal_Monais()
    {
        string folder = Repository.Golden("losses");
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json")));
        var check = new LossParity();

        Assert.True(check.Recognises(folder, description.RootElement));
        ParityQuantity[] quantities = [.. check.Run(folder, description.RootElement, new ParityOptions())];

        // 4 files x 7 binary losses and 3 files x 12 multiclass losses, a value and a gradient each.
        Assert.Equal(2 * (4 * 7 + 3 * 12), quantities.Length);
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }

    [Fact]
    public void A_damaged_file_fails_by_its_name_and_leaves_the_others_to_be_compared()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Repository.Golden("losses")))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        string damaged = Directory.GetFiles(folder.Root, "binary*.safetensors").Order(StringComparer.Ordinal).First();
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..^1]);

        var result = Assert.Single(ParityRun.Run(folder.Root, new ParityOptions()));
        var failed = Assert.Single(result.Quantities, quantity => !quantity.Passed);
        Assert.Equal(Path.GetFileName(damaged), failed.Quantity);
        Assert.StartsWith(damaged, failed.Note, StringComparison.Ordinal);
        Assert.True(result.Quantities.Count > 100);
    }
}
