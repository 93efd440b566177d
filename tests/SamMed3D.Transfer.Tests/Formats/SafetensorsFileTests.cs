using System.Text;

namespace SamMed3D.Transfer.Tests;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safetensors").FullName;

    public static TheoryData<string, string> BrokenFiles => new()
    {
        { "st_header_too_long", "header" },
        { "st_offset_outside", "offsets" },
        { "st_shape_mismatch", "shape mismatch" },
        { "st_unknown_dtype", "unknown dtype" },
        { "st_not_json", "header" },
        { "st_truncated", "truncated" },
        { "st_tiny", "truncated" },
    };

    public static TheoryData<string, string> BrokenHeaders => new()
    {
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", "twice" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}}""", "overlap" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}""", "gap" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "belong to nothing" },
        { """{"a":{"dtype":"U8","shape":[-8],"data_offsets":[0,8]}}""", "shape mismatch" },
        { """{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", "shape mismatch" },
        { """{"a":{"dtype":"U8","shape":[8],"data_offsets":[8,0]}}""", "bad data offsets" },
        { """{"a":{"dtype":"U8","shape":[8.5],"data_offsets":[0,8]}}""", "JSON" },
        { """{"a":{"dtype":"U8","shape":[8]}}""", "lacks 'data_offsets'" },
        { """{"a":7}""", "JSON" },
        { """[1]""", "JSON" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_type_and_an_empty_and_a_scalar_tensor_survive_a_round_trip()
    {
        using var scope = NewDisposeScope();
        var before = new Dictionary<string, Tensor>();
        foreach (var type in new[]
                 {
                     ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
                     ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
                 })
            before.Add($"of {type}", arange(6).reshape(2, 3).to(type));
        before.Add("empty", zeros(0, 4));
        before.Add("scalar", tensor(2.5f));
        before.Add("transposed", arange(6f).reshape(2, 3).t());
        string path = Path.Combine(_folder, "all.safetensors");

        SafetensorsFile.Save(path, before, new Dictionary<string, string> { ["made by"] = "a test" });

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("a test", file.Metadata["made by"]);
        Assert.Equal(before.Keys, file.Tensors.Select(info => info.Name));
        foreach (var (name, expected) in before)
        {
            var actual = file.Read(name);
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.Equal(expected.shape, actual.shape);
            Assert.Equal(expected.contiguous().bytes.ToArray(), actual.bytes.ToArray());
        }

        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Saving_twice_gives_the_same_bytes()
    {
        using var values = arange(5f);
        string first = Path.Combine(_folder, "1"), second = Path.Combine(_folder, "2");
        foreach (string path in new[] { first, second })
            SafetensorsFile.Save(path, [new("b", values), new("a", values)], new Dictionary<string, string> { ["x"] = "1" });
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
    }

    [Fact]
    public void A_failed_save_leaves_the_old_file_and_nothing_else()
    {
        string path = Path.Combine(_folder, "kept");
        File.WriteAllText(path, "old");
        using var unsupported = zeros(2, dtype: ScalarType.ComplexFloat32);
        Assert.Throws<NotSupportedException>(() => SafetensorsFile.Save(path, [new("a", unsupported)]));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_broken_file_is_refused_in_one_line_with_its_path_and_the_reason(string name, string reason) =>
        AssertRefused(Repository.Golden($"sam3d_tiny/bad/{name}.safetensors"), reason);

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public void A_header_that_contradicts_itself_is_refused(string header, string reason)
    {
        string path = Path.Combine(_folder, "broken.safetensors");
        byte[] text = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[8]]);
        AssertRefused(path, reason);
    }

    private static void AssertRefused(string path, string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path).Dispose()).Message;
        Assert.StartsWith(path, message);
        Assert.Contains(reason, message);
        Assert.DoesNotContain('\n', message);
    }
}
