using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class SlidingWindowParityTests
{
    [SkippableFact]
    public void Blended_windows_equal_Monais()
    {
        string folder = Repository.Shared("golden/sliding_window");
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json")));
        var check = new SlidingWindowParity();

        Assert.True(check.Recognises(folder, description.RootElement));
        ParityQuantity[] quantities = [.. check.Run(folder, description.RootElement, new ParityOptions())];

        Assert.Equal(7, quantities.Length);
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }
}
