using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class NiftiParityTests
{
    [Fact]
    public void Every_nifti_case_of_the_repository_agrees() => RequireAgreement(Repository.Golden("nifti"));

    [SkippableFact]
    public void Every_shared_nifti_case_agrees() => RequireAgreement(Repository.Shared("golden/nifti"));

    private static void RequireAgreement(string folder)
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var check = new NiftiParity();
        Assert.True(check.Recognises(folder, description.RootElement));
        ParityQuantity[] quantities = [.. check.Run(folder, description.RootElement, new ParityOptions())];
        Assert.True(quantities.Length > 250);
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }
}
