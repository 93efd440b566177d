using PublicApiGenerator;

namespace SamMed3D.Transfer.Tests;

public class PublicApiTests
{
    /// <summary>A change of the public API is meant: it shows in this file's diff. The new text is left beside the approved one.</summary>
    [Fact]
    public void The_public_api_is_the_approved_one()
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false };
        string actual = string.Join('\n', new[] { typeof(ImageEncoder).Assembly, typeof(ExperimentRunner).Assembly, typeof(ComparisonReport).Assembly }
            .Select(assembly => $"// {assembly.GetName().Name}\n{assembly.GeneratePublicApi(options)}")).ReplaceLineEndings("\n");
        string folder = Path.Combine(Repository.Root, "tests", "SamMed3D.Transfer.Tests", "Approved");
        string approved = Path.Combine(folder, "PublicApi.txt"), received = Path.Combine(folder, "PublicApi.received.txt");
        if (File.Exists(approved) && File.ReadAllText(approved).ReplaceLineEndings("\n") == actual)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, actual);
        Assert.Fail($"The public API has changed; look at the difference, and move {received} over {approved} if it is meant.");
    }
}
