using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

/// <summary>The promptable commands on a tiny untrained model and small files.</summary>
public sealed class SegmentCommandTests : IDisposable
{
    private static readonly PromptableModelOptions Options = PromptableModelOptions.For(new EncoderOptions
    {
        ImageSize = 16, PatchSize = 8, EmbeddingWidth = 24, BlockCount = 2, HeadCount = 2, OutputChannels = 48, WindowSize = 0, GlobalBlocks = [],
    }) with { Decoder = new MaskDecoderOptions { Width = 48, MlpWidth = 32 } };

    private readonly TemporaryFolder _folder = new();
    private readonly string _image, _labels, _weights;

    public SegmentCommandTests()
    {
        (_image, _labels, _weights) = (_folder.File("image.nii.gz"), _folder.File("labels.nii.gz"), _folder.File("weights.safetensors"));
        var grid = Geometry.Create(new Size3(20, 18, 16), new Double3(2, 2, 2));
        using var scope = NewDisposeScope();
        var truth = zeros([20, 18, 16], ScalarType.Int32);
        truth.narrow(0, 4, 6).narrow(1, 5, 6).narrow(2, 4, 5).fill_(1);
        truth.narrow(0, 12, 5).narrow(1, 8, 6).narrow(2, 8, 6).fill_(3);
        using var labels = new LabelVolume(truth, grid);
        labels.Save(_labels);
        using var image = new Volume((truth > 0).to(ScalarType.Float32).unsqueeze(0) * 50 + rand([1, 20, 18, 16], generator: new Generator(1)) * 20, grid);
        image.Save(_image);
        using var model = new PromptableModel(Options);
        SafetensorsFile.Save(_weights, model.state_dict(), new CheckpointManifest
        {
            Promptable = Options, Preprocessing = new PreprocessingOptions { Spacing = new Double3(2, 2, 2), Normalization = Normalization.ZScorePositive },
        }.ToMetadata());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clicks_give_labels_on_the_grid_of_the_image()
    {
        string output = _folder.File("out.nii.gz");
        var result = Segment("--click", "6,7,6", "--click", "1,1,1:-", "--output", output);
        Assert.Equal((ExitCode.Ok, $"labels: {output}"), (result.ExitCode, result.OutLines[^1]));
        using var labels = LabelVolume.Open(output);
        using var image = Volume.Open(_image);
        Assert.True(labels.Geometry.Matches(image.Geometry));
        Assert.InRange(labels.Voxels().ToArray().Max(), 0, 1);
    }

    [Fact]
    public void A_place_in_mm_is_the_voxel_there()
    {
        string inVoxels = _folder.File("voxels.nii.gz"), inWorld = _folder.File("world.nii.gz");
        using var image = Volume.Open(_image);
        var place = image.Geometry.ToWorld(new Double3(6, 7, 6));
        var first = Segment("--click", "6,7,6", "-o", inVoxels, "--verbose");
        Assert.True(first.ExitCode == ExitCode.Ok, first.Error);
        Assert.Equal(ExitCode.Ok, Segment("--world", "--click", FormattableString.Invariant($"{place.X},{place.Y},{place.Z}"), "-o", inWorld).ExitCode);
        Assert.Equal(File.ReadAllBytes(inVoxels), File.ReadAllBytes(inWorld));
    }

    [Fact]
    public void Simulated_clicks_print_dice_after_each_of_them_for_each_label()
    {
        string output = _folder.File("out.nii.gz"), csv = _folder.File("clicks.csv");
        var result = Segment("--simulate", _labels, "--clicks", "2", "--sampler", "ritm", "--csv", csv, "-o", output);
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Equal(["label", "1", "3", "mean"], result.OutLines[..4].Select(line => line.Split(' ')[0]));
        Assert.Equal(1 + (3 * 2), File.ReadAllLines(csv).Length);
        Assert.Equal(result.Out, Segment("--simulate", _labels, "--clicks", "2", "--sampler", "ritm", "-o", output, "--force").Out);
    }

    [Theory]
    [InlineData("there are no prompts", new string[0])]
    [InlineData("--click: expected x,y,z", new[] { "--click", "1,2" })]
    [InlineData("--click: expected x,y,z", new[] { "--click", "1,nan,2" })]
    [InlineData("inside the image of 20x18x16 voxels, got (100, 1, 1)", new[] { "--click", "100,1,1" })]
    [InlineData("background clicks only", new[] { "--click", "1,1,1:-" })]
    [InlineData("--box: expected two opposite corners", new[] { "--box", "1,2,3" })]
    [InlineData("leave out --click", new[] { "--click", "1,1,1", "--clicks", "x.json" })]
    [InlineData("--sampler: expected random or ritm, got 'best'", new[] { "--sampler", "best" })]
    [InlineData("--csv belongs to --simulate", new[] { "--click", "1,1,1", "--csv", "x.csv" })]
    public void A_bad_prompt_is_one_line_and_exit_code_2(string message, string[] arguments)
    {
        string output = _folder.File("out.nii.gz");
        var result = Segment([.. arguments, "-o", output]);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public void An_output_never_replaces_an_input_and_another_file_only_when_forced()
    {
        byte[] before = File.ReadAllBytes(_image);
        foreach (string[] arguments in new[]
        {
            new[] { "--click", "6,7,6", "-o", _image, "--force" }, ["--simulate", _labels, "-o", _labels, "--force"],
            ["--simulate", _labels, "-o", _folder.File("new.nii.gz"), "--csv", _image, "--force"],
        })
            Assert.Contains("is an input, which would be lost", Segment(arguments).Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_image));

        string taken = _folder.Write("taken.nii.gz", "mine");
        Assert.Contains("give --force to replace it", Segment("--click", "6,7,6", "-o", taken).Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(taken));
        Assert.Equal(ExitCode.Ok, Segment("--click", "6,7,6", "-o", taken, "--force").ExitCode);
        Assert.Contains("ends in .nii, .nii.gz, .nrrd, .nhdr, .mha or .mhd", Segment("--click", "6,7,6", "-o", _folder.File("x.txt")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_their_spacing_are_used_at_the_published_one_with_a_note()
    {
        string bare = _folder.File("bare.pth");
        using (var checkpoint = Checkpoint.Open(_weights))
            PyTorchCheckpoint.Save(bare, checkpoint);
        var result = CommandLine.Run("segment", _image, "--weights", bare, "--click", "6,7,6", "-o", _folder.File("out.nii.gz"));
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Contains("do not say which spacing", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("spacing", Segment("--click", "6,7,6", "-o", _folder.File("out2.nii.gz")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_kind_are_refused_by_name()
    {
        string path = _folder.File("encoder.safetensors");
        using (var encoder = new ImageEncoder(Options.Encoder))
            SafetensorsFile.Save(path, encoder.state_dict());
        var result = CommandLine.Run("segment", _image, "--weights", path, "--click", "6,7,6", "-o", _folder.File("out.nii.gz"));
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("expected a promptable model", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Released_weights_tell_their_sizes_by_their_shapes()
    {
        string path = _folder.File("released.pth");
        var options = Options with { Encoder = Options.Encoder with { ImageSize = 32, WindowSize = 3, GlobalBlocks = [1] }, Prompts = Options.Prompts with { ImageSize = 32 } };
        using (var model = new PromptableModel(options))
            PyTorchCheckpoint.Save(path, model.state_dict());
        using var weights = PromptableWeights.Open(path, CPU);
        Assert.Equal(options.Prompts, weights.Model.Options.Prompts);
        Assert.Equal(options.Decoder, weights.Model.Options.Decoder);
        Assert.Equal(options.Encoder with { GlobalBlocks = [] }, weights.Model.Options.Encoder with { GlobalBlocks = [] });
        Assert.Equal([1], weights.Model.Options.Encoder.GlobalBlocks);
        Assert.Equal(new Double3(1.5, 1.5, 1.5), weights.Spacing);
        Assert.Equal(1, weights.Report.Coverage);
    }

    [Fact]
    public void Axis_check_names_the_order_that_wins_and_says_by_its_exit_code_whether_it_is_the_files()
    {
        var result = CommandLine.Run("axis-check", "--weights", _weights, "--image", _image, "--label", _labels, "--minimum-voxels", "10");
        Assert.Equal("order", result.OutLines[0].Split(' ')[0]);
        Assert.Equal(48 + 2, result.OutLines.Length);
        bool speaksForTheFile = result.OutLines[^1].Contains("as the weights expect", StringComparison.Ordinal)
            || result.OutLines[^1].Contains("nothing speaks against", StringComparison.Ordinal);
        Assert.Equal(speaksForTheFile ? ExitCode.Ok : ExitCode.Failure, result.ExitCode);
        Assert.Contains("2 target(s)", result.OutLines[^1], StringComparison.Ordinal);
    }

    private CommandLine Segment(params string[] more) => CommandLine.Run(["segment", _image, "--weights", _weights, .. more]);
}
