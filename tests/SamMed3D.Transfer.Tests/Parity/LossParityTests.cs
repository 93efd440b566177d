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

    /// <summary>Two binary cases are two overlapping regions of one case: the label is 1 in the first alone, 2 in the second alone, 3 in both.</summary>
    [Theory]
    [InlineData("binary_mixed", "DiceLoss.sigmoid")]
    [InlineData("binary_mixed", "DiceFocalLoss.sigmoid")]
    [InlineData("binary_one_empty", "DiceLoss.sigmoid")]
    [InlineData("binary_mixed", "DiceCELoss.sammed3d")]
    public void Regions_cost_what_Monais_binary_losses_cost(string file, string name)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Path.Combine(Repository.Golden("losses"), $"{file}.safetensors"));
        var scheme = new LabelScheme
        {
            Structures = [new LabelRegion { Name = "A", Values = [1, 3] }, new LabelRegion { Name = "B", Values = [2, 3] }],
            RegionClassOrder = [1, 2],
        };
        var binary = golden.Read("labels").to(ScalarType.Int64); // [2, 1, X, Y, Z]
        var labels = binary[0] + 2 * binary[1];
        var logits = golden.Read("logits").transpose(0, 1).clone().requires_grad_();
        SegmentationLoss loss = name switch
        {
            "DiceLoss.sigmoid" => new DiceLoss(),
            "DiceFocalLoss.sigmoid" => new DiceFocalLoss(),
            _ => new DiceCrossEntropyLoss { Dice = new DiceLoss { SquaredDenominator = true } },
        };

        var value = loss.Compute(logits, labels, scheme);
        value.backward();

        Assert.Equal(golden.Read($"{name}.value").item<float>(), value.item<float>(), 1e-6);
        Assert.True(logits.grad!.transpose(0, 1).allclose(golden.Read($"{name}.grad"), rtol: 1e-4, atol: 1e-7));
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
