using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class PreprocessParityTests
{
    [Fact]
    public void Every_synthetic_preprocessing_case_agrees()
    {
        // The real cases need data beside the repository; the shared test has them.
        ParityQuantity[] quantities = [.. Run(new PreprocessParity(), Repository.Golden("preprocess")).Where(IsSynthetic)];
        Assert.True(quantities.Length > 7 * 30);
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }

    [Fact]
    public void Missing_inputs_are_named()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        File.Copy(Path.Combine(Repository.Golden("preprocess"), "expected.json"), Path.Combine(folder, "expected.json"));
        ParityQuantity[] quantities = [.. Run(new PreprocessParity(), folder)];
        Directory.Delete(folder, recursive: true);
        Assert.Equal(11, quantities.Length);
        Assert.All(quantities, quantity => Assert.False(quantity.Passed));
        Assert.Equal(4, quantities.Count(quantity => quantity.IsSkipped));
        Assert.All(quantities, quantity => Assert.Matches(quantity.IsSkipped ? "its input .*nii.gz is not here" : "the input .*nii.gz is missing", quantity.Note));
    }

    [SkippableFact]
    public void Every_shared_preprocessing_case_agrees()
    {
        Repository.Shared("data");
        ParityQuantity[] quantities = [.. Run(new PreprocessParity(), Repository.Shared("golden/preprocess"))];
        Assert.Contains(quantities, quantity => !IsSynthetic(quantity));
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }

    [Fact]
    public void Intensity_statistics_and_normalisations_agree()
    {
        ParityQuantity[] quantities = [.. Run(new IntensityNormalizationParity(), Repository.Golden("preprocess/ct_norm"))];
        Assert.True(quantities.Length > 30);
        Assert.All(quantities, quantity => Assert.True(quantity.Passed, quantity.ToString()));
    }

    [SkippableFact]
    public void Shared_intensity_normalisations_agree() =>
        Assert.All(Run(new IntensityNormalizationParity(), Repository.Shared("golden/preprocess/ct_norm")),
            quantity => Assert.True(quantity.Passed, quantity.ToString()));

    private static bool IsSynthetic(ParityQuantity quantity) => !quantity.Quantity.StartsWith("real_", StringComparison.Ordinal);

    private static IEnumerable<ParityQuantity> Run(ParityCheck check, string folder)
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        Assert.True(check.Recognises(folder, description.RootElement));
        return [.. check.Run(folder, description.RootElement, new ParityOptions())];
    }
}
