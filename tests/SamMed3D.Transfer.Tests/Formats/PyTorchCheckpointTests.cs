using System.IO.Compression;
using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class PyTorchCheckpointTests : IDisposable
{
    private const string Views = "sam3d_tiny/views";
    private const string Bad = "sam3d_tiny/bad";
    private readonly string _folder = Directory.CreateTempSubdirectory("pytorch").FullName;

    public static TheoryData<string> BadFiles
    {
        get
        {
            using var description = JsonDocument.Parse(File.ReadAllText(Repository.Golden($"{Bad}/config.json")));
            var names = new TheoryData<string>();
            foreach (var file in description.RootElement.GetProperty("files").EnumerateObject())
                if (file.Value.TryGetProperty("expect", out var expected) && expected.GetString() == "error")
                    names.Add(file.Name);
            return names;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("views.pth", "PyTorch zip")]
    [InlineData("views_legacy.pth", "PyTorch legacy")]
    [InlineData("views_proto4.pth", "PyTorch zip")]
    [InlineData("views_torch2_layout.pth", "PyTorch zip")]
    [InlineData("views_deflated.pth", "PyTorch zip")]
    public void Views_of_shared_storages_in_every_type_and_container_read_exactly(string file, string container)
    {
        using var checkpoint = Checkpoint.Open(Repository.Golden($"{Views}/{file}"));
        Assert.Equal(container, checkpoint.Container);
        AssertSame(Repository.Golden($"{Views}/expected.safetensors"), checkpoint);
    }

    [Fact]
    public void Numpy_values_beside_the_weights_do_no_harm()
    {
        using var checkpoint = Checkpoint.Open(Repository.Golden($"{Views}/numpy_values.pth"));
        AssertSame(Repository.Golden($"{Views}/numpy_values_expected.safetensors"), checkpoint);
    }

    [Fact]
    public void The_whole_file_is_listed_by_path_on_request()
    {
        using var checkpoint = PyTorchCheckpoint.Open(Repository.Golden($"{Bad}/good.pth"), wholeFile: true);
        Assert.Null(checkpoint.Section);
        AssertSame(Repository.Golden($"{Bad}/good.safetensors"), checkpoint);
    }

    [Fact]
    public void A_wrapped_state_dict_is_found_and_named_as_the_model_names_it()
    {
        using var checkpoint = PyTorchCheckpoint.Open(Repository.Golden($"{Bad}/crafted_good.pth"));
        Assert.Equal("model_state_dict", checkpoint.Section);
        using var values = checkpoint.Read("w");
        Assert.Equal([2, 3], values.shape);
        Assert.Equal([4f, 5, 6, 7, 8, 9], values.data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_hostile_or_broken_file_is_refused_in_one_line_and_without_effect(string file)
    {
        string path = Repository.Golden($"{Bad}/{file}");
        using var description = JsonDocument.Parse(File.ReadAllText(Repository.Golden($"{Bad}/config.json")));
        string marker = description.RootElement.GetProperty("marker").GetString()!;
        File.Delete(marker);

        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(path).Dispose()).Message;

        Assert.StartsWith(path, message);
        Assert.DoesNotContain('\n', message);
        Assert.False(File.Exists(marker));
        foreach (string word in Reason(description.RootElement.GetProperty("files").GetProperty(file).GetProperty("reason").GetString()!))
            Assert.Contains(word, message);
    }

    [Fact]
    public void A_flipped_bit_in_a_weight_is_noticed()
    {
        string path = Path.Combine(_folder, "flipped.pth");
        byte[] bytes = File.ReadAllBytes(Repository.Golden($"{Bad}/good.pth"));
        using (var archive = new ZipArchive(new MemoryStream(bytes)))
        using (var record = archive.Entries.First(entry => entry.FullName.EndsWith("data/0", StringComparison.Ordinal)).Open())
        {
            var data = new byte[64];
            record.ReadExactly(data);
            bytes[bytes.AsSpan().IndexOf(data) + 5] ^= 4;
        }

        File.WriteAllBytes(path, bytes);
        using var checkpoint = Checkpoint.Open(path);
        string message = Assert.Throws<InvalidDataException>(() => checkpoint.Read("image_encoder.patch_embed.proj.weight").Dispose()).Message;
        Assert.Contains("checksum", message);
    }

    [Theory]
    [InlineData("model_state_dict")]
    [InlineData(null)]
    public void What_is_saved_reads_back_exactly(string? section)
    {
        string expected = Repository.Golden($"{Views}/expected.safetensors");
        string path = Path.Combine(_folder, "saved.pth");
        using (var source = SafetensorsFile.Open(expected))
            PyTorchCheckpoint.Save(path, source, section);

        using var checkpoint = PyTorchCheckpoint.Open(path);
        Assert.Equal(section, checkpoint.Section);
        AssertSame(expected, checkpoint);
        using var archive = ZipFile.OpenRead(path);
        Assert.All(archive.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
    }

    [SkippableTheory]
    [InlineData("v1_model_state_dict.pth", "model_state_dict", "")]
    [InlineData("v2_bare.pth", null, "")]
    [InlineData("v3_module_prefix.pth", null, "module.")]
    [InlineData("v4_full_training.pth", "model_state_dict", "")]
    [InlineData("v5_legacy.pth", "model_state_dict", "")]
    public void Every_form_of_a_checkpoint_gives_the_same_weights(string file, string? section, string prefix)
    {
        using var checkpoint = PyTorchCheckpoint.Open(Repository.Shared($"golden/sam3d_tiny/{file}"));
        Assert.Equal(section, checkpoint.Section);
        AssertSame(Repository.Shared("golden/sam3d_tiny/weights.safetensors"), checkpoint, prefix);
    }

    [SkippableTheory]
    [InlineData("v6_fp16.pth", ScalarType.Float16)]
    [InlineData("v6_bf16.pth", ScalarType.BFloat16)]
    public void Half_precision_weights_are_the_rounded_ones(string file, ScalarType type)
    {
        using var checkpoint = Checkpoint.Open(Repository.Shared($"golden/sam3d_tiny/{file}"));
        AssertSame(Repository.Shared("golden/sam3d_tiny/weights.safetensors"), checkpoint, type: type);
    }

    internal static void AssertSame(string expectedFile, Checkpoint actual, string prefix = "", ScalarType? type = null)
    {
        using var scope = NewDisposeScope();
        using var expected = SafetensorsFile.Open(expectedFile);
        Assert.Equal(
            expected.Tensors.Select(info => prefix + info.Name).Order(StringComparer.Ordinal),
            actual.Tensors.Select(info => info.Name).Order(StringComparer.Ordinal));
        foreach (var info in expected.Tensors)
        {
            var wanted = expected.Read(info.Name).to(type ?? info.DType);
            var read = actual.Read(prefix + info.Name);
            Assert.Equal(wanted.dtype, read.dtype);
            Assert.Equal(wanted.shape, read.shape);
            Assert.True(wanted.bytes.SequenceEqual(read.bytes), info.Name);
        }
    }

    private static string[] Reason(string described) => described switch
    {
        "forbidden global" or "missing record" or "storage size mismatch" or "view outside of the storage" or "bad stride" or "bad size"
            or "rank mismatch" or "truncated pickle" or "shape mismatch" or "unknown dtype" or "truncated" or "bad offsets" or "not a checkpoint" => [described],
        "bad header" => ["header"],
        "forbidden global or not a checkpoint" => ["forbidden global"],
        "truncated or not a zip" => ["truncated"],
        "storage size mismatch, without allocating" => ["storage size mismatch"],
        "refused by a size limit" => ["size limit"],
        "empty file" => ["empty file"],
        _ => throw new ArgumentOutOfRangeException(nameof(described), described, "The golden case has a reason that this test does not know."),
    };
}
