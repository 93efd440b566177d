namespace SamMed3D.Transfer.Tests;

public sealed class CheckpointParityTests
{
    [Theory]
    [InlineData("sam3d_tiny/views", 6)]
    [InlineData("sam3d_tiny/bad", 31)]
    public void The_cases_that_travel_with_the_repository_pass(string golden, int quantities) => AssertPasses(Repository.Golden(golden), quantities);

    [SkippableTheory]
    [InlineData("sam3d_tiny", 7)]
    [InlineData("sam3d_tiny/views", 6)]
    [InlineData("sam3d_tiny/bad", 31)]
    public void All_cases_beside_the_repository_pass(string golden, int quantities) => AssertPasses(Repository.Shared($"golden/{golden}"), quantities);

    private static void AssertPasses(string folder, int quantities)
    {
        using var description = GoldenDescription.Read(Path.Combine(folder, "config.json"));
        var check = new CheckpointParity();
        Assert.True(check.Recognises(folder, description.RootElement));
        var results = check.Run(folder, description.RootElement, new ParityOptions()).ToList();
        Assert.Equal(quantities, results.Count);
        Assert.All(results, quantity => Assert.True(quantity.Passed, $"{quantity.Quantity}: {quantity.Note}"));
    }
}
