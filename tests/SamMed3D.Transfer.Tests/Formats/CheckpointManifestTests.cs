namespace SamMed3D.Transfer.Tests;

public sealed class CheckpointManifestTests : IDisposable
{
    private static readonly CheckpointManifest Full = new()
    {
        Model = UnetrOptions.ForSamMed3D(classes: 3) with { FeatureSize = 32 },
        Preprocessing = new PreprocessingOptions { Spacing = new Double3(1.5, 1.5, 2.25), Normalization = Normalization.ZScorePositive },
        Data = [new SeenData { Dataset = "Über: organs", Cases = ["case_1", "2", "yes"] }],
        Source = new SourceFile { Name = "sam_med3d_turbo.pth", Sha256 = new string('a', 64) },
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("m.safetensors")]
    [InlineData("m.pth")]
    public void It_is_read_from_the_checkpoint_as_it_was_written(string name)
    {
        string path = _folder.File(name);
        using (var values = ones(2))
            if (name.EndsWith(".pth", StringComparison.Ordinal))
                PyTorchCheckpoint.Save(path, [new("w", values)], metadata: Full.ToMetadata());
            else
                SafetensorsFile.Save(path, [new("w", values)], Full.ToMetadata());

        using var checkpoint = Checkpoint.Open(path);
        var read = Assert.IsType<CheckpointManifest>(checkpoint.Manifest);
        Assert.Equal(Full.ToYaml(), read.ToYaml());
        Assert.Equal([2, 5, 8, 11], Assert.IsType<EncoderOptions>(((UnetrOptions)read.Model!).Backbone).GlobalBlocks);
        Assert.Equal(Full.Preprocessing, read.Preprocessing);
        Assert.Equal(Full.Source, read.Source);
        Assert.Equal(Full.Data[0].Cases, read.Data[0].Cases);
        Assert.StartsWith("SamMed3D.Transfer ", read.Library, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_any_kind_is_kept_and_one_without_a_kind_is_a_UNETR()
    {
        var network = new CheckpointManifest { Model = new ResidualUnetOptions { ClassCount = 2 }.Resolved(1) };
        Assert.Equal([1, 3, 4, 6, 6, 6], Assert.IsType<ResidualUnetOptions>(CheckpointManifest.Parse(network.ToYaml(), "m").Model).BlockCounts!);
        string old = Full.ToYaml().Replace("  kind: unetr\n", "", StringComparison.Ordinal);
        Assert.NotEqual(Full.ToYaml(), old);
        Assert.Equal(32, Assert.IsType<UnetrOptions>(CheckpointManifest.Parse(old, "m").Model).FeatureSize);
    }

    [Fact]
    public void What_is_not_known_stays_unknown()
    {
        var read = CheckpointManifest.Parse(new CheckpointManifest().ToYaml(), "file");
        Assert.Null(read.Model);
        Assert.Null(read.Preprocessing);
        Assert.Null(read.Source);
        Assert.Empty(read.Data);
    }

    [Theory]
    [InlineData("format: 1", "format: 2", "is 2; this version of the library knows 1")]
    [InlineData("orientation: \"RAS+\"", "orientation: LPS", "is 'LPS'; expected RAS+")]
    [InlineData("dataset:", "dateset:", "unknown key")]
    [InlineData("sha256: aaaa", "sha256: AAAA", "64 lower-case hex digits")]
    [InlineData("classCount: 3", "classCount: three", "expected a whole number")]
    [InlineData("classCount: 3", "classCount: 3\n  classCount: 3", "duplicate key")]
    public void Another_content_is_refused_with_the_file_and_the_reason(string from, string to, string reason)
    {
        Assert.Contains(from, Full.ToYaml(), StringComparison.Ordinal);
        string path = _folder.File("m.safetensors");
        using (var values = ones(2))
            SafetensorsFile.Save(path, [new("w", values)], new Dictionary<string, string>
            {
                [CheckpointManifest.Key] = Full.ToYaml().Replace(from, to, StringComparison.Ordinal),
            });

        using var checkpoint = Checkpoint.Open(path);
        string message = Assert.Throws<InvalidDataException>(() => checkpoint.Manifest).Message;
        Assert.StartsWith($"{path}: bad manifest: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_bare_state_dict_has_no_place_for_it()
    {
        using var values = ones(2);
        Assert.Throws<ArgumentException>(() => PyTorchCheckpoint.Save(_folder.File("m.pth"), [new("w", values)], section: null, Full.ToMetadata()));
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }
}
