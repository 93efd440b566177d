using System.Security.Cryptography;
using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class FormulaWeightsTests
{
    [Fact]
    public void The_published_test_vectors_hold()
    {
        Assert.Equal(0x1ebbae8f5810b65bul, FormulaWeights.Hash("input"));
        Assert.Equal(0xe220a8397b1dcdaful, FormulaWeights.Mix(0));
        Assert.Equal(0x910a2dec89025cc1ul, FormulaWeights.Mix(1));
    }

    [Theory]
    [InlineData("image_encoder.pos_embed", 0.01716623269021511f, -0.18941457569599152f, 1, 8, 8, 8, 768)]
    [InlineData("image_encoder.patch_embed.proj.weight", -0.010639185085892677f, -0.013446034863591194f, 768, 1, 16, 16, 16)]
    public void First_values_are_those_of_the_reference(string name, float first, float second, params int[] shape)
    {
        using var values = FormulaWeights.Create(name, [.. shape.Select(size => (long)size)]);
        Assert.Equal([first, second], values.flatten().slice(0, 0, 2, 1).data<float>().ToArray());
    }

    [SkippableFact]
    public void All_hundred_million_weights_have_the_checksum_of_the_reference()
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Repository.Shared("golden/sam3d_vitb/config.json")));
        var checks = description.RootElement.GetProperty("weight_check");
        var shapes = description.RootElement.GetProperty("state_dict").EnumerateObject()
            .Select(entry => new KeyValuePair<string, IReadOnlyList<long>>(entry.Name, [.. entry.Value[0].EnumerateArray().Select(size => size.GetInt64())]));
        using var source = FormulaWeights.Source(shapes.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var checkedOnes = 0;
        foreach (var info in source.Tensors)
        {
            using var values = source.Read(info.Name);
            all.AppendData(values.bytes);
            if (!checks.TryGetProperty(info.Name, out var check) || !check.TryGetProperty("sha256_of_fp32_bytes", out var expected))
                continue;
            Assert.Equal(expected.GetString(), Convert.ToHexStringLower(SHA256.HashData(values.bytes)));
            checkedOnes++;
        }

        Assert.True(checkedOnes > 0);
        Assert.Equal(
            description.RootElement.GetProperty("sha256_of_all_tensors_in_name_order").GetString(),
            Convert.ToHexStringLower(all.GetHashAndReset()));
    }
}
