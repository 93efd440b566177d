namespace SamMed3D.Transfer.Tests;

public sealed class RestoredLabelsTests
{
    private static readonly LabelScheme Tumour = new()
    {
        Structures = [new() { Name = "whole", Values = [1, 2, 7] }, new() { Name = "core", Values = [2, 7] }, new() { Name = "rim", Values = [7] }],
        RegionClassOrder = [1, 2, 7],
        IgnoreValue = 9,
    };

    public static TheoryData<string> EveryOrder =>
    [
        .. from first in "RLAPSI" from second in "RLAPSI" from third in "RLAPSI"
           let code = $"{first}{second}{third}"
           where new[] { "RL", "AP", "SI" }.All(pair => code.Count(pair.Contains) == 1)
           select code,
    ];

    [Theory]
    [MemberData(nameof(EveryOrder))]
    public void Labels_from_a_few_planes_at_a_time_are_those_from_whole_logits_on_any_order_of_axes(string order)
    {
        // Finer and coarser than the file, and by uneven factors; null keeps the file's voxels.
        foreach (var spacing in new Double3?[] { null, new(1.3, 0.8, 2.1), new(3.1, 2, 0.9) })
            RequireEqual(order, spacing, channels: 4, LabelScheme.Numbered(4), planes: 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void The_number_of_planes_at_a_time_does_not_matter(int planes)
    {
        foreach (var spacing in new Double3?[] { null, new(0.45, 0.8, 2.1), new(5.5, 2, 0.9) })
        {
            RequireEqual("LPS", spacing, channels: 5, LabelScheme.Numbered(5), planes);
            RequireEqual("SRA", spacing, channels: 1, null, planes);
            RequireEqual("PIR", spacing, channels: 3, Tumour, planes);
            RequireEqual("LIP", spacing, channels: 300, null, planes);
        }
    }

    [Fact]
    public void Smooth_objects_with_shared_borders_and_ties_come_back_as_from_whole_logits()
    {
        using var scope = NewDisposeScope();
        foreach (string order in new[] { "RAS", "LSP" })
        {
            using var prepared = Prepare(order, new Double3(1.3, 0.8, 2.1));
            var size = prepared.Image.Geometry.Size;
            // Blocks of equal logits: the classes 1 and 2 tie in half of the volume.
            var logits = zeros(3, size.X, size.Y, size.Z);
            logits[1].narrow(0, 2, 5).fill_(3);
            logits[2].narrow(0, 4, 5).fill_(3);
            RequireEqual(prepared, logits, LabelScheme.Numbered(3), planes: 3);
        }
    }

    [Fact]
    public void A_model_segments_a_volume_as_from_the_whole_logits_whether_larger_or_smaller_than_the_window()
    {
        using var scope = NewDisposeScope();
        using var model = nn.Sequential(("first", nn.Conv3d(1, 4, 1)), ("bend", nn.Tanh()), ("last", nn.Conv3d(4, 4, 1)));
        foreach (var window in new Size3[] { 4, new(6, 32, 5), 40 })
            foreach (var spacing in new Double3?[] { null, new(1.3, 0.8, 2.1) })
            {
                var preprocessor = new CasePreprocessor(Options(spacing), 1, 4);
                var options = new SlidingWindowOptions { Window = window, Overlap = 0.25, BatchSize = 3 };
                using var image = Image("LPS");
                using var prepared = preprocessor.Prepare(image);
                using var logits = prepared.Predict(volume => new SlidingWindow(model, options).Run(volume), window);
                using var expected = Whole(prepared, logits, LabelScheme.Numbered(4));
                long before = LiveTensors.Before();

                using (var labels = new VolumeSegmenter(model, preprocessor, options).Segment(image))
                {
                    Assert.True(expected.Voxels().SequenceEqual(labels.Voxels()), $"window {window}, spacing {spacing}");
                    Assert.Equal(before + 1, LiveTensors.Now);
                }
            }
    }

    private static void RequireEqual(string order, Double3? spacing, int channels, LabelScheme? scheme, int planes)
    {
        using var scope = NewDisposeScope();
        using var prepared = Prepare(order, spacing);
        RequireEqual(prepared, randn([channels, .. prepared.Image.Geometry.Size.ToArray()], generator: new Generator(4)), scheme, planes);
    }

    private static void RequireEqual(PreprocessedCase prepared, Tensor logits, LabelScheme? scheme, int planes)
    {
        using var expected = Whole(prepared, logits, scheme);
        using var restored = prepared.BeginRestoring(logits.shape[0], scheme);
        for (long first = 0; first < logits.shape[1]; first += planes)
            restored.Add(logits.narrow(1, first, Math.Min(planes, logits.shape[1] - first)));
        using var labels = restored.Finish();
        using var atOnce = prepared.Restore(logits, scheme);

        Assert.Equal(prepared.Source, labels.Geometry);
        Assert.True(expected.Voxels().SequenceEqual(labels.Voxels()), $"{prepared.Source} from {prepared.Image.Geometry}");
        Assert.True(expected.Voxels().SequenceEqual(atOnce.Voxels()), "at once");
        Assert.True(labels.Values.unique().output.numel() > 1);
    }

    /// <summary>The plain way, on whole volumes.</summary>
    private static LabelVolume Whole(PreprocessedCase prepared, Tensor logits, LabelScheme? scheme)
    {
        using var scope = NewDisposeScope();
        Geometry image = prepared.Image.Geometry, source = prepared.Source;
        if (logits.shape[0] == 1 && scheme is not { HasRegions: true })
            logits = cat([zeros_like(logits), logits]);
        bool isReordered = image.Size.Count == source.Size.Count && Reorientation.To(image, source.Orientation).Matches(source);
        if (isReordered)
        {
            using var labels = new LabelVolume(scheme is { HasRegions: true } ? scheme.LabelsOf(logits) : logits.argmax(0).to(ScalarType.Int32), image);
            return Reorientation.To(labels, source.Orientation);
        }

        if (scheme is not { HasRegions: true })
        {
            using var probabilities = new Volume(logits.softmax(0).contiguous(), image);
            return GridResampler.ClassesOnGrid(probabilities, source);
        }

        var result = new LabelVolume(zeros(source.Size.ToArray(), ScalarType.Int32), source);
        for (var region = 0; region < scheme.Structures.Count; region++)
        {
            using var probability = new Volume(logits.narrow(0, region, 1).sigmoid().contiguous(), image);
            using var onFile = GridResampler.ToGrid(probability, source);
            result.Values.masked_fill_(onFile.Values[0] > 0.5, scheme.RegionClassOrder![region]);
        }

        return result;
    }

    private static PreprocessedCase Prepare(string order, Double3? spacing)
    {
        using var image = Image(order);
        return new CasePreprocessor(Options(spacing), 1, 2).Prepare(image);
    }

    private static PreprocessingOptions Options(Double3? spacing) => new() { Normalization = Normalization.ZScore, Spacing = spacing };

    /// <summary>On a grid that is turned by 10 degrees about z, at 1 x 1.5 x 2 mm.</summary>
    private static Volume Image(string order)
    {
        var oblique = new Geometry(new(11, 8, 7), Affine.FromRows(
            [0.98480775, -0.26047227, 0, -12.5, 0.17364818, 1.47721163, 0, 40, 0, 0, 2, -7]));
        var geometry = Reorientation.To(oblique, Orientation.Parse(order));
        using var scope = NewDisposeScope();
        return new Volume(randn([1, .. geometry.Size.ToArray()], generator: new Generator(2)).contiguous(), geometry);
    }
}
