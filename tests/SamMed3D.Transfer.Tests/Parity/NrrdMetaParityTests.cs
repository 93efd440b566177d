using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class NrrdMetaParityTests
{
    [Fact]
    public void Every_nrrd_and_metaimage_case_of_the_repository_agrees() => RequireAgreement(Repository.Golden("nifti"));

    [SkippableFact]
    public void Every_shared_nrrd_and_metaimage_case_agrees() => RequireAgreement(Repository.Shared("golden/nifti"));

    private static void RequireAgreement(string folder)
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var check = new NrrdMetaParity();
        Assert.True(check.Recognises(folder, description.RootElement));
        ParityQuantity[] quantities = [.. check.Run(folder, description.RootElement, new ParityOptions())];
        Assert.True(quantities.Length > 150);
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }
}
