namespace SamMed3D.Transfer.Tests;

public sealed class MetricsParityTests
{
    [Fact]
    public void Overlaps_surfaces_distances_and_cleaning_agree()
    {
        // The components are too large to travel, and the real label maps to clean lie beside the repository; the shared test has them.
        var quantities = Run(Repository.Golden("metrics"));
        Assert.All(quantities.Where(quantity => quantity.IsSkipped), quantity => Assert.Matches("components.json|^data/", quantity.Quantity));
        var compared = quantities.Where(quantity => !quantity.IsSkipped).ToList();
        Assert.True(compared.Count > 1100, $"{compared.Count} quantities");
        Assert.All(compared, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }

    [SkippableFact]
    public void Components_and_the_cleaning_of_real_label_maps_agree_as_well()
    {
        Repository.Shared("data/brain_labels");
        var quantities = Run(Repository.Shared("golden/metrics"));
        Assert.Contains(quantities, quantity => quantity.Quantity.StartsWith("data/brain_labels", StringComparison.Ordinal));
        Assert.Contains(quantities, quantity => quantity.Quantity == "noise 18 partition");
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }

    private static List<ParityQuantity> Run(string folder)
    {
        var found = Assert.Single(ParityRun.Run(folder, new ParityOptions(), [new MetricsParity()]));
        Assert.True(found.IsCovered);
        return [.. found.Quantities];
    }
}
