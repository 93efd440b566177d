using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class ShardedSafetensorsTests : IDisposable
{
    private const string First = "model-00001-of-00002.safetensors", Second = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_index_and_its_folder_open_the_same_tensors()
    {
        string index = Write();
        foreach (string path in new[] { index, _folder.Root })
        {
            using var checkpoint = Checkpoint.Open(path);
            Assert.Equal("safetensors in 2 files", checkpoint.Container);
            Assert.Equal(["a", "b", "c"], checkpoint.Tensors.Select(info => info.Name));
            using var last = checkpoint.Read("c");
            Assert.Equal([2f, 2], last.data<float>().ToArray());
            Assert.Equal("pt", checkpoint.Metadata["format"]);
            Assert.Equal(FileKind.Checkpoint, FileContent.KindOf(path));
        }
    }

    [Fact]
    public void The_hash_covers_the_index_and_every_file()
    {
        string index = Write();
        var hashes = new HashSet<string>();
        foreach (string change in new[] { "", index, _folder.File(First), _folder.File(Second) })
        {
            if (change == index)
                File.AppendAllText(index, "\n");
            else if (change.Length > 0)
                Shard(Path.GetFileName(change), change.EndsWith(First, StringComparison.Ordinal) ? ["a", "b"] : ["c"], value: 9);
            using var checkpoint = Checkpoint.Open(index);
            Assert.True(hashes.Add(checkpoint.Sha256));
        }
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../model-00001-of-00002.safetensors"}}""", "no name of a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "no name of a file in the same folder")]
    [InlineData("""{"weight_map":{"a":".."}}""", "no name of a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"absent.safetensors"}}""", "'absent.safetensors' that it names is missing")]
    [InlineData("""{"weight_map":{"a":"model-00001-of-00002.safetensors"}}""", "holds tensor 'b', which the index does not name")]
    [InlineData("""{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00001-of-00002.safetensors","c":"model-00001-of-00002.safetensors"}}""", "tensor 'c' is not in 'model-00001-of-00002.safetensors'")]
    [InlineData("""{"weight_map":{"a":"model-00002-of-00002.safetensors","b":"model-00001-of-00002.safetensors","c":"model-00002-of-00002.safetensors"}}""", "places elsewhere")]
    [InlineData("""{"weight_map":{"a":7}}""", "expected a JSON text, got the number '7'")]
    [InlineData("""{"weight_map":[]}""", "expected a JSON object, got a list")]
    [InlineData("""{"weight_map":{}}""", "names no tensors")]
    [InlineData("""{"weight_map":{"a":"x","a":"y"}}""", "'a' occurs twice")]
    [InlineData("""{"metadata":{}}""", "lacks 'weight_map'")]
    [InlineData("""{"weight_map":{"a":""", "not valid JSON at line 1")]
    public void An_index_that_contradicts_its_files_is_refused(string json, string reason)
    {
        string index = Write();
        File.WriteAllText(index, json);
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(index).Dispose()).Message;
        Assert.StartsWith(index, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        string index = Write();
        File.WriteAllBytes(_folder.File(Second), [1, 2, 3]);
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(index).Dispose()).Message;
        Assert.Contains(Second, message, StringComparison.Ordinal);
        Assert.Contains("truncated", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_an_index_or_with_two_is_refused()
    {
        Assert.Contains("without a *.safetensors.index.json", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(_folder.Root)).Message);
        File.Copy(Write(), _folder.File("other.safetensors.index.json"));
        Assert.Contains("several indexes", Assert.Throws<InvalidDataException>(() => Checkpoint.Open(_folder.Root)).Message);
    }

    private string Write()
    {
        Shard(First, ["a", "b"], value: 1);
        Shard(Second, ["c"], value: 2);
        string index = _folder.File("model.safetensors.index.json");
        File.WriteAllText(index, JsonSerializer.Serialize(new
        {
            metadata = new { total_size = 24 },
            weight_map = new Dictionary<string, string> { ["a"] = First, ["b"] = First, ["c"] = Second },
        }));
        return index;
    }

    private void Shard(string name, string[] tensors, float value)
    {
        using var values = full([2], value);
        SafetensorsFile.Save(
            _folder.File(name), tensors.Select(tensor => KeyValuePair.Create(tensor, values)), new Dictionary<string, string> { ["format"] = "pt" });
    }
}
