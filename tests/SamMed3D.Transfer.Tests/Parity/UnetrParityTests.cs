using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public class UnetrParityTests
{
    [Fact]
    public void Plain_blocks_give_the_numbers_of_MONAI() => AssertPasses(Repository.Golden("unetr_monai/d_plain_blocks"), quantityCount: 14);

    [SkippableTheory]
    [InlineData("a_conv", 186)]
    [InlineData("b_perceptron", 186)]
    [InlineData("c_box", 2)]
    [InlineData("d_plain_blocks", 14)]
    public void Outputs_and_gradients_are_those_of_MONAI(string name, int quantityCount) =>
        AssertPasses(Repository.Shared($"golden/unetr_monai/{name}"), quantityCount);

    private static void AssertPasses(string folder, int quantityCount)
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json")));
        var check = new UnetrParity();
        Assert.True(check.Recognises(folder, description.RootElement));
        var quantities = check.Run(folder, description.RootElement, new ParityOptions()).ToList();
        Assert.Equal(quantityCount, quantities.Count);
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }
}
