namespace SamMed3D.Transfer.Tests;

public sealed class CheckpointConversionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sam3d_tiny/views/expected.safetensors")]
    [InlineData("sam3d_tiny/views/views.pth")]
    [InlineData("sam3d_tiny/views/views_legacy.pth")]
    public void There_and_back_every_tensor_keeps_its_bits(string golden)
    {
        string source = Repository.Golden(golden), torch = _folder.File("a.pth"), safe = _folder.File("b.safetensors"), back = _folder.File("c.pth");
        CheckpointConversion.Convert(source, torch);
        CheckpointConversion.Convert(torch, safe);
        CheckpointConversion.Convert(safe, back);

        Assert.Equal(File.ReadAllBytes(torch), File.ReadAllBytes(back));
        using Checkpoint original = Checkpoint.Open(source), converted = Checkpoint.Open(safe);
        var comparison = CheckpointComparison.Of(original, converted);
        Assert.True(comparison.AreEqual);
        Assert.Equal(original.Tensors.Count, comparison.EqualCount);
        Assert.Equal(original.Tensors.Select(info => info.Name), converted.Tensors.Select(info => info.Name));
    }

    [Fact]
    public void The_source_is_named_with_its_hash_and_an_old_manifest_is_kept()
    {
        string source = Repository.Golden("sam3d_tiny/bad/good.pth"), first = _folder.File("a.safetensors"), second = _folder.File("b.pth");
        CheckpointConversion.Convert(source, first);
        CheckpointConversion.Convert(first, second);
        using Checkpoint original = Checkpoint.Open(source), converted = Checkpoint.Open(second);
        Assert.Equal(new SourceFile { Name = "good.pth", Sha256 = original.Sha256 }, converted.Manifest!.Source);
    }

    [Fact]
    public void A_prefix_is_taken_away_and_floats_are_rounded_to_nearest_even()
    {
        string source = _folder.File("a.pth"), target = _folder.File("b.safetensors");
        using var scope = NewDisposeScope();
        PyTorchCheckpoint.Save(source, new Dictionary<string, Tensor>
        {
            ["module.w"] = tensor(new[] { 1f, 1 + 1f / 256, 1 + 3f / 256, float.NaN, float.NegativeInfinity, 1e-40f }),
            ["module.steps"] = tensor(3L),
            ["other"] = tensor(true),
        });
        var report = CheckpointConversion.Convert(source, target, new ConversionOptions { StripPrefix = "module.", DType = ScalarType.BFloat16 });

        Assert.Equal(new ConversionReport(source, target, TensorCount: 3, RenamedCount: 2, CastCount: 1, LeftOutCount: 0), report);
        using var converted = Checkpoint.Open(target);
        Assert.Equal(["w", "steps", "other"], converted.Tensors.Select(info => info.Name));
        Assert.Equal([ScalarType.BFloat16, ScalarType.Int64, ScalarType.Bool], converted.Tensors.Select(info => info.DType));
        float[] values = converted.Read("w").to(ScalarType.Float32).data<float>().ToArray();
        Assert.Equal([1f, 1, 1 + 4f / 256, float.NaN, float.NegativeInfinity], values[..5]);
    }

    [Fact]
    public void Values_beyond_the_new_type_are_refused_and_nothing_is_written()
    {
        string source = _folder.File("a.pth"), target = _folder.File("b.safetensors");
        using (var values = tensor(new[] { 1f, 70000 }))
            PyTorchCheckpoint.Save(source, [new("w", values)]);
        string message = Assert.Throws<InvalidDataException>(
            () => CheckpointConversion.Convert(source, target, new ConversionOptions { DType = ScalarType.Float16 })).Message;
        Assert.Contains("tensor 'w' has values beyond the range of Float16", message, StringComparison.Ordinal);
        Assert.Equal([source], Directory.GetFiles(_folder.Root));
    }

    [Theory]
    [InlineData("absent.", "no name begins with 'absent.'")]
    [InlineData("a.w", "would be left without a name")]
    [InlineData("a.", "two tensors are named 'w'")]
    public void A_prefix_that_does_not_fit_is_refused(string prefix, string reason)
    {
        string source = _folder.File("a.pth");
        using (var values = ones(2))
            PyTorchCheckpoint.Save(source, [new("a.w", values), new("w", values)]);
        string message = Assert.Throws<InvalidDataException>(
            () => CheckpointConversion.Convert(source, _folder.File("b.pth"), new ConversionOptions { StripPrefix = prefix })).Message;
        Assert.StartsWith(source, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_file_is_replaced_only_when_asked_to()
    {
        string source = Repository.Golden("sam3d_tiny/bad/good.pth"), target = _folder.Write("b.safetensors", "old");
        Assert.Throws<InvalidOperationException>(() => CheckpointConversion.Convert(source, target));
        Assert.Equal("old", File.ReadAllText(target));
        Assert.Equal(3, CheckpointConversion.Convert(source, target, new ConversionOptions { Overwrite = true }).TensorCount);
    }

    [Fact]
    public void Another_ending_or_the_source_itself_is_no_target()
    {
        string source = _folder.File("a.pth");
        File.Copy(Repository.Golden("sam3d_tiny/bad/good.pth"), source);
        Assert.Throws<ArgumentException>(() => CheckpointConversion.Convert(source, _folder.File("b.onnx")));
        Assert.Throws<ArgumentException>(() => CheckpointConversion.Convert(source, source, new ConversionOptions { Overwrite = true }));
    }

    [SkippableFact]
    public void An_optimizer_is_left_out_and_counted()
    {
        string source = Repository.Shared("golden/sam3d_tiny/v4_full_training.pth");
        var report = CheckpointConversion.Convert(source, _folder.File("b.safetensors"));
        Assert.True(report.LeftOutCount > 0);
        using Checkpoint expected = Checkpoint.Open(Repository.Shared("golden/sam3d_tiny/weights.safetensors")), converted = Checkpoint.Open(report.Target);
        Assert.True(CheckpointComparison.Of(expected, converted).AreEqual);
    }
}
