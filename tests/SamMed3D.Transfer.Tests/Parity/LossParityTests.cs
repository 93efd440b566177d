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
}
