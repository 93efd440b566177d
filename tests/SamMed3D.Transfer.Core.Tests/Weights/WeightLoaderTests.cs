using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class WeightLoaderTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TinyEncoder _encoder;

    public WeightLoaderTests() => _encoder = Detached(() => TinyEncoder.Of(2));

    public void Dispose()
    {
        _encoder.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("image_encoder.")]
    [InlineData("module.image_encoder.")]
    public void The_encoder_loads_from_the_whole_model_and_from_the_encoder_alone(string prefix)
    {
        var source = Source(2, prefix);

        var report = WeightLoader.LoadEncoder(_encoder, source);

        Assert.True(report.IsComplete);
        Assert.Equal(1, report.Coverage);
        Assert.Empty(report.Unexpected);
        foreach (var (name, values) in _encoder.state_dict())
            AssertEqual(source.Read(prefix + name), values);
    }

    [Fact]
    public void Every_source_key_and_every_parameter_is_accounted_for()
    {
        using var segmenter = Detached(() => new TinySegmenter(2));
        var tensors = Tensors(2, "image_encoder.");
        tensors["prompt_encoder.x"] = ones(1);
        tensors["something_else"] = ones(1);

        var report = WeightLoader.LoadEncoder(segmenter, new MemoryWeights(tensors));

        Assert.Equal(segmenter.state_dict().Keys, report.Entries.Select(entry => entry.Name));
        Assert.Equal(["decoder.weight", "decoder.bias"], report.Entries.Where(entry => !entry.IsAsked).Select(entry => entry.Name));
        Assert.Equal(["something_else"], report.Unexpected);
        Assert.Equal(["prompt_encoder.x"], report.Ignored);
        Assert.Equal(tensors.Keys, report.Sources.Select(source => source.Key));
        Assert.Equal("prompt encoder", report.Sources.Single(source => source.Use == SourceUse.Ignored).Part);
        Assert.Equal(["vit.proj.bias"], report.Sources.Single(source => source.Key == "image_encoder.proj.bias").Targets);
        Assert.True(report.IsComplete);
        AssertEqual(tensors["image_encoder.pos_embed"], segmenter.state_dict()["vit.pos_embed"]);
        Assert.Contains("2 other tensors of the model keep their initial values", report.Summary);
    }

    [Fact]
    public void Loading_a_checkpoint_with_another_grid_reports_the_mismatch_and_changes_nothing()
    {
        var before = Snapshot();
        var refused = Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadEncoder(_encoder, Source(3)));
        Assert.Contains("pos_embed is [1, 2, 2, 2, 2], the file has [1, 3, 3, 3, 2]", refused.Message);
        Assert.Contains("ResizePositions", refused.Message);
        Assert.Equal(2, refused.Report.Count(LoadOutcome.Refused));
        Assert.Equal(2, refused.Report.Sources.Count(source => source.Use == SourceUse.Refused));
        AssertUnchanged(before);
    }

    [Fact]
    public void Position_tables_of_another_grid_are_resized_on_request()
    {
        var source = Source(3);
        var report = WeightLoader.LoadEncoder(_encoder, source, new LoadPolicy { ResizePositions = true });
        Assert.True(report.IsComplete);
        Assert.Equal(["pos_embed", "rel_pos_d"], report.Entries.Where(entry => entry.Outcome == LoadOutcome.Resized).Select(entry => entry.Name));
        AssertEqual(PositionResizing.Absolute(source.Read("pos_embed"), 2), _encoder.state_dict()["pos_embed"]);
        AssertEqual(PositionResizing.Relative(source.Read("rel_pos_d"), 3), _encoder.state_dict()["rel_pos_d"]);
    }

    [Fact]
    public void A_shape_that_would_broadcast_is_refused()
    {
        var tensors = Tensors(2);
        tensors["proj.weight"] = ones(1, 2);
        var refused = Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadEncoder(_encoder, new MemoryWeights(tensors)));
        Assert.Contains("proj.weight is [3, 2], the file has [1, 2]", refused.Message);
    }

    [Fact]
    public void A_missing_parameter_is_refused_unless_its_prefix_is_allowed()
    {
        var tensors = Tensors(2);
        tensors.Remove("proj.bias");
        var source = new MemoryWeights(tensors);
        var before = Snapshot();

        Assert.Contains("proj.bias", Assert.Throws<WeightsRefusedException>(() => WeightLoader.Load(_encoder, source)).Message);
        AssertUnchanged(before);

        var report = WeightLoader.Load(_encoder, source, policy: new LoadPolicy { AllowMissing = ["proj."] });
        Assert.False(report.IsComplete);
        Assert.Equal(LoadOutcome.Initialised, report.Entries.Single(entry => entry.Name == "proj.bias").Outcome);
        Assert.Equal(31.0 / 34, report.Coverage, 6);
    }

    [Fact]
    public void Too_little_coverage_is_refused()
    {
        var tensors = Tensors(2);
        tensors.Remove("pos_embed");
        var policy = new LoadPolicy { AllowMissing = [""], MinimumCoverage = 0.9 };
        var refused = Assert.Throws<WeightsRefusedException>(() => WeightLoader.Load(_encoder, new MemoryWeights(tensors), policy: policy));
        Assert.Contains("90.0", refused.Message);
    }

    [Fact]
    public void Loading_nothing_is_an_error_whatever_the_policy()
    {
        var source = new MemoryWeights([new("backbone.weight", ones(2))]);
        var refused = Assert.Throws<WeightsRefusedException>(() =>
            WeightLoader.Load(_encoder, source, policy: new LoadPolicy { AllowMissing = [""], ResizePositions = true }));
        Assert.Contains("backbone.weight", refused.Message);
    }

    [Fact]
    public void Two_keys_for_one_parameter_are_refused()
    {
        var tensors = Tensors(2);
        tensors["module.proj.bias"] = ones(3);
        Assert.Contains("both", Assert.Throws<ArgumentException>(() => WeightLoader.Load(_encoder, new MemoryWeights(tensors))).Message);
    }

    [Fact]
    public void A_damaged_tensor_leaves_the_model_untouched()
    {
        var before = Snapshot();
        Assert.Throws<InvalidDataException>(() => WeightLoader.LoadEncoder(_encoder, new Damaged(Source(2), "proj.bias")));
        AssertUnchanged(before);
    }

    [Fact]
    public void Values_are_converted_to_the_parameters_type()
    {
        var tensors = Tensors(2).ToDictionary(pair => pair.Key, pair => pair.Value.to(ScalarType.BFloat16));
        var report = WeightLoader.LoadEncoder(_encoder, new MemoryWeights(tensors));
        Assert.All(report.Entries, entry => Assert.True(entry.IsConverted));
        Assert.Contains("converted from BFloat16 to Float32: 4 tensors", report.Summary);
        var values = _encoder.state_dict()["proj.weight"];
        Assert.Equal(ScalarType.Float32, values.dtype);
        Assert.True(values.requires_grad);
        AssertEqual(tensors["proj.weight"].to(ScalarType.Float32), values);
    }

    [Fact]
    public void Whole_numbers_are_never_taken_for_weights()
    {
        var tensors = Tensors(2);
        tensors["proj.bias"] = ones(3, dtype: ScalarType.Int64);
        var refused = Assert.Throws<WeightsRefusedException>(() => WeightLoader.LoadEncoder(_encoder, new MemoryWeights(tensors)));
        Assert.Contains("of Int64", refused.Message);
    }

    [Fact]
    public void A_decoder_may_be_missing_where_the_policy_says_so_and_only_a_decoder()
    {
        using var segmenter = Detached(() => new TinySegmenter(2));
        var source = new MemoryWeights(Tensors(2, "vit."));
        Assert.Contains("decoder", Assert.Throws<WeightsRefusedException>(() => WeightLoader.Load(segmenter, source)).Message);

        var policy = new LoadPolicy { AllowMissing = [LoadPolicy.Decoder] };
        var report = WeightLoader.Load(segmenter, source, policy: policy);
        Assert.Equal(["decoder.weight", "decoder.bias"], report.Entries.Where(entry => entry.Outcome == LoadOutcome.Initialised).Select(entry => entry.Name));
        Assert.Equal(4.0 / 6, report.TensorCoverage, 6);
        Assert.Contains("initialised (missing in the source): decoder.weight, decoder.bias", report.Summary);

        var poorer = new MemoryWeights(Tensors(2, "vit.").Where(pair => pair.Key != "vit.proj.bias"));
        Assert.Contains("vit.proj.bias", Assert.Throws<WeightsRefusedException>(() => WeightLoader.Load(segmenter, poorer, policy: policy)).Message);
    }

    [Fact]
    public void What_the_policy_keeps_stays_as_it_is_and_counts_for_nothing()
    {
        using var segmenter = Detached(() => new TinySegmenter(2));
        var tensors = Tensors(2, "vit.");
        tensors["decoder.weight"] = ones(5, 3);
        tensors["decoder.bias"] = ones(1);
        var before = segmenter.state_dict()["decoder.bias"].detach().clone();
        var misfit = Assert.Throws<WeightsRefusedException>(() => WeightLoader.Load(segmenter, new MemoryWeights(tensors)));
        Assert.Contains("keepInitial", misfit.Message);

        var report = WeightLoader.Load(segmenter, new MemoryWeights(tensors), policy: new LoadPolicy { KeepInitial = ["decoder."], MinimumCoverage = 1 });

        Assert.True(report.IsComplete);
        Assert.Equal(["decoder.weight", "decoder.bias"], report.Ignored);
        AssertEqual(before, segmenter.state_dict()["decoder.bias"]);
    }

    [Fact]
    public void A_load_leaves_no_tensors_behind()
    {
        var source = Source(3);
        WeightLoader.LoadEncoder(_encoder, source, new LoadPolicy { ResizePositions = true });
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        WeightLoader.LoadEncoder(_encoder, source, new LoadPolicy { ResizePositions = true });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void The_report_is_plain_data_for_JSON()
    {
        var report = WeightLoader.LoadEncoder(_encoder, Source(2));
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(report));
        Assert.Equal("pos_embed", json.RootElement.GetProperty("Entries")[0].GetProperty("Name").GetString());
        Assert.Equal("Loaded", json.RootElement.GetProperty("Entries")[0].GetProperty("Outcome").GetString());
        Assert.True(json.RootElement.GetProperty("IsComplete").GetBoolean());
        Assert.Equal(4, json.RootElement.GetProperty("Sources").GetArrayLength());
        Assert.Equal("Used", json.RootElement.GetProperty("Sources")[0].GetProperty("Use").GetString());
    }

    private static T Detached<T>(Func<T> build)
        where T : nn.Module
    {
        var model = build();
        foreach (var values in model.state_dict().Values)
            values.DetachFromDisposeScope();
        return model;
    }

    private static MemoryWeights Source(Size3 grid, string prefix = "") => new(Tensors(grid, prefix));

    private static Dictionary<string, Tensor> Tensors(Size3 grid, string prefix = "")
    {
        using var donor = TinyEncoder.Of(grid);
        return donor.state_dict().ToDictionary(pair => prefix + pair.Key, pair => FormulaWeights.Create(pair.Key, pair.Value.shape));
    }

    private static void AssertEqual(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.data<float>().ToArray(), actual.detach().data<float>().ToArray());
    }

    private Dictionary<string, Tensor> Snapshot() => _encoder.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());

    private void AssertUnchanged(Dictionary<string, Tensor> before)
    {
        foreach (var (name, values) in _encoder.state_dict())
            AssertEqual(before[name], values);
    }

    private sealed class Damaged(IWeightSource inner, string name) : IWeightSource
    {
        public string Origin => inner.Origin;

        public IReadOnlyList<WeightInfo> Tensors => inner.Tensors;

        public Tensor Read(string key) => key == name ? throw new InvalidDataException("damaged") : inner.Read(key);

        public void Dispose() => inner.Dispose();
    }
}
