namespace SamMed3D.Transfer.Tests;

public sealed class AdapterCheckpointTests : IDisposable
{
    private static readonly EncoderOptions Tiny = new()
    {
        ImageSize = 16, PatchSize = 4, EmbeddingWidth = 24, BlockCount = 2, HeadCount = 3, OutputChannels = 16, WindowSize = 3, GlobalBlocks = [1],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("sammed3d-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<AdapterOptions> Adapters() => new()
    {
        new LoraOptions { Rank = 2, Targets = [LoraTarget.Mlp, LoraTarget.Qkv] },
        new BottleneckOptions { Width = 4, Placement = BottleneckPlacement.Series },
        new DepthAwareOptions(),
        new BiasOnlyOptions(),
        new NormOnlyOptions(),
    };

    [Theory]
    [MemberData(nameof(Adapters))]
    public void A_small_file_and_its_base_are_the_whole_model_to_the_bit(AdapterOptions adapter)
    {
        string basis = Base(Tiny);
        using var model = Started(Tiny with { Adapter = adapter }, basis, out var report);
        Learn(model);
        string path = Save(model, report);

        using var opened = (Unetr)AdapterCheckpoint.Open(path, basis);

        var expected = model.state_dict();
        Assert.Equal(expected.Keys, opened.state_dict().Keys);
        Assert.All(opened.state_dict(), entry => Assert.True(entry.Value.equal(expected[entry.Key]).all().item<bool>(), entry.Key));
        using var file = Checkpoint.Open(path);
        var frozen = model.named_parameters().Where(entry => !entry.parameter.requires_grad).Select(entry => entry.name);
        Assert.Empty(frozen.Intersect(file.Tensors.Select(info => info.Name)));
        Assert.Equal(report.Sha256, file.Manifest!.Base!.Sha256);
    }

    [Fact]
    public void Tables_that_were_resized_at_the_start_are_in_the_small_file()
    {
        string basis = Base(Tiny with { ImageSize = 24 });
        using var model = Started(Tiny with { Adapter = new NormOnlyOptions() }, basis, out var report, new LoadPolicy { ResizePositions = true });
        using var opened = (Unetr)AdapterCheckpoint.Open(Save(model, report), basis);
        Assert.True(model.state_dict()["vit.pos_embed"].equal(opened.state_dict()["vit.pos_embed"]).all().item<bool>());
    }

    [Fact]
    public void Another_base_is_refused_by_its_hash()
    {
        string basis = Base(Tiny);
        using var model = Started(Tiny with { Adapter = new NormOnlyOptions() }, basis, out var report);
        string path = Save(model, report), other = Base(Tiny);
        var problem = Assert.Throws<InvalidDataException>(() => AdapterCheckpoint.Open(path, other));
        Assert.StartsWith($"{other}: not the file that {path} was trained on", problem.Message, StringComparison.Ordinal);
        Assert.Contains(report.Sha256!, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_checkpoint_is_none_of_these()
    {
        string basis = Base(Tiny);
        Assert.Contains("not an adapter checkpoint", Assert.Throws<InvalidDataException>(() => AdapterCheckpoint.Open(basis, basis)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_learns_whole_is_not_saved_in_part()
    {
        using var model = Started(Tiny, Base(Tiny), out var report);
        Assert.Contains("all of it learns", Assert.Throws<ArgumentException>(() => Save(model, report)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_3dsam_adapter_learned_goes_back_onto_its_2d_sam()
    {
        string basis = Repository.Shared("golden/sam2d_tiny/sam2d.pth");
        var options = new SamAdapterOptions
        {
            ImageSize = 16, PatchSize = 4, SlicesPerToken = 4, SamGrid = 4, SamWindowSize = 3, SamGlobalBlocks = [1, 3], WindowSize = 2,
            EmbeddingWidth = 24, BlockCount = 4, HeadCount = 3, OutputChannels = 16,
        };
        using var model = Started(options, basis, out var report);
        Learn(model);
        using var opened = (Unetr)AdapterCheckpoint.Open(Save(model, report), basis);
        var expected = model.state_dict();
        Assert.All(opened.state_dict(), entry => Assert.True(entry.Value.equal(expected[entry.Key]).all().item<bool>(), entry.Key));
    }

    [Fact]
    public void A_small_file_becomes_a_whole_plain_model_that_computes_the_same()
    {
        string basis = Base(Tiny);
        using var model = Started(Tiny with { Adapter = new LoraOptions { Rank = 2 } }, basis, out var report);
        Learn(model);
        string path = Save(model, report), merged = Path.Combine(_folder, "merged.safetensors"), whole = Path.Combine(_folder, "whole.pth");
        CheckpointConversion.Assemble(path, basis, isMerged: true, merged);
        CheckpointConversion.Assemble(path, basis, isMerged: false, whole);

        using var file = Checkpoint.Open(merged);
        Assert.Null(file.Manifest!.Base);
        Assert.Null(((EncoderOptions)((UnetrOptions)file.Manifest.Model!).Backbone).Adapter);
        using var plain = file.Manifest.Model!.Create();
        WeightLoader.Load(plain, file);
        using var scope = NewDisposeScope();
        model.eval();
        plain.eval();
        var image = randn([1, 1, 16, 16, 16], generator: new Generator(3));
        var expected = model.call(image);
        // These weights are all too large, and the norms let the rounding of the merged ones grow.
        Assert.InRange((expected - plain.call(image)).abs().max().item<float>() / expected.abs().max().item<float>(), 0, 5e-4f);
        Assert.NotEqual(expected.abs().max().item<float>(), Unadapted(model, image));

        using var again = Checkpoint.Open(whole);
        Assert.Equal(model.state_dict().Keys.Order(), again.Tensors.Select(info => info.Name).Order());
        Assert.Contains("only what learned on top of", Assert.Throws<InvalidDataException>(
            () => CheckpointConversion.Assemble(path, null, isMerged: true, Path.Combine(_folder, "x.safetensors"))).Message, StringComparison.Ordinal);
        Assert.Contains($"{merged}: has no LoRA to merge", Assert.Throws<InvalidDataException>(
            () => CheckpointConversion.Assemble(merged, null, isMerged: true, Path.Combine(_folder, "x.safetensors"))).Message, StringComparison.Ordinal);
    }

    /// <summary>What the model would give without its LoRA.</summary>
    private static float Unadapted(Unetr model, Tensor image)
    {
        using var noGradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            if (name.EndsWith("lora_b", StringComparison.Ordinal))
                parameter.zero_();
        return model.call(image).abs().max().item<float>();
    }

    private string Base(BackboneOptions options)
    {
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.pth");
        using var encoder = options.Create();
        PyTorchCheckpoint.Save(path, encoder.state_dict().Select(entry => KeyValuePair.Create("image_encoder." + entry.Key, entry.Value)));
        return path;
    }

    private static Unetr Started(BackboneOptions options, string basis, out LoadReport report, LoadPolicy? policy = null)
    {
        var model = Unetr.Create(new UnetrOptions { Backbone = options, ClassCount = 2, FeatureSize = 4 });
        using var checkpoint = Checkpoint.Open(basis);
        report = WeightLoader.LoadEncoder(model, checkpoint, (policy ?? LoadPolicy.Refuse) with
        {
            KeepInitial = [.. model.named_parameters().Select(entry => entry.name).Where(AdapterOptions.IsAdded)],
        });
        return model;
    }

    private static void Learn(Unetr model)
    {
        using var noGradient = no_grad();
        foreach (var parameter in model.parameters().Where(parameter => parameter.requires_grad))
            parameter.add_(0.25);
    }

    private string Save(Unetr model, LoadReport report)
    {
        string path = Path.Combine(_folder, "adapter.safetensors");
        AdapterCheckpoint.Save(path, model, report, new CheckpointManifest { Model = model.Options });
        return path;
    }
}
