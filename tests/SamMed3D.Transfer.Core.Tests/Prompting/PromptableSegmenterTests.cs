namespace SamMed3D.Transfer.Tests;

public class PromptableSegmenterTests
{
    private static readonly Geometry File = Reorientation.To(
        new Geometry(new(30, 36, 22), new(new(1.5, 0, 0, -20), new(0, 1.2, 0, 7), new(0, 0, 2, 31))), Orientation.Parse("PIL"));

    [Fact]
    public void A_click_gives_what_the_published_steps_give_one_by_one()
    {
        using var model = TinyPromptable.Create();
        using var image = Image();
        var voxel = new Size3(20, 9, 12);
        using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
        segmenter.SetImage(image);
        var one = segmenter.AddObject();
        one.AddClick(new Click(new(voxel.X, voxel.Y, voxel.Z)));
        using var segmentation = one.Predict();
        using var probability = segmentation.CreateProbability();
        using var mask = segmentation.CreateMask();

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var resampled = Resampler.ToSpacing(image, 1.5);
        using var canonical = Reorientation.ToCanonical(resampled);
        var place = canonical.Geometry.ToIndex(image.Geometry.ToWorld(new(voxel.X, voxel.Y, voxel.Z)));
        int[] begin = [.. Enumerable.Range(0, 3).Select(axis => (int)Math.Floor(place[axis] + 0.5) - 16)];
        using var region = CropOrPad.At(canonical.Geometry, begin, 32).Apply(canonical);
        using var normalised = IntensityNormalization.ZScoreOverPositive(region);
        var logits = model.Upsample(model.call(
            normalised.Values.unsqueeze(0), PromptBatch.Of(full(1, 1, 3, 16L), ones(1, 1), zeros([1, 1, 16, 16, 16])), false).Masks);
        using var predicted = new Volume(logits[0].contiguous(), region.Geometry);
        using var expected = GridResampler.ToGrid(predicted, image.Geometry);
        // Voxels beyond the patch are 0 in both; a logit of exactly 0 is not among the others.
        var expectedProbability = where(expected.Values == 0, zeros_like(expected.Values), expected.Values.sigmoid());
        Assert.InRange((probability.Values - expectedProbability).abs().max().item<float>(), 0, 1e-5);
        Assert.True(mask.Values.to(ScalarType.Bool).equal(probability.Values[0] > 0.5).all().ToBoolean());
        Assert.InRange(mask.Values.sum().item<long>(), 1, File.Size.Count - 1);
    }

    [Fact]
    public void World_and_voxel_coordinates_mean_the_same_place()
    {
        using var model = TinyPromptable.Create();
        using var image = Image();
        using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
        segmenter.SetImage(image);
        var position = new Double3(20, 9, 12);
        Assert.Equal(
            Probability(segmenter, new Click(position)),
            Probability(segmenter, new Click(image.Geometry.ToWorld(position), Space: CoordinateSpace.World)));
    }

    [Fact]
    public void The_image_is_encoded_once_however_many_clicks_follow()
    {
        using var model = TinyPromptable.Create();
        int encodings = 0;
        model.ImageEncoder.register_forward_hook((_, _, output) =>
        {
            encodings++;
            return output;
        });
        using var image = Image();
        using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
        segmenter.SetImage(image);
        var one = segmenter.AddObject();
        foreach (int x in new[] { 20, 18, 14 })
        {
            one.AddClick(new Click(new(x, 9, 12), IsForeground: x != 18));
            one.Predict().Dispose();
        }

        Assert.Equal(1, encodings);
    }

    [Fact]
    public void Clicks_one_by_one_all_at_once_and_after_taking_one_back_give_the_same()
    {
        using var model = TinyPromptable.Create();
        using var image = Image();
        using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
        segmenter.SetImage(image);
        Click first = new(new(20, 9, 12)), wrong = new(new(3, 3, 3)), second = new(new(12, 9, 12), IsForeground: false);
        float[] together = Probability(segmenter, first, second);

        var one = segmenter.AddObject();
        one.AddClick(first);
        one.Predict().Dispose();
        one.AddClick(second);
        Assert.Equal(together, Probability(one));
        one.RemoveClick(1);
        one.AddClick(wrong);
        Assert.NotEqual(together, Probability(one));
        one.RemoveClick(1);
        one.AddClick(second);
        Assert.Equal(together, Probability(one));
        Assert.NotEqual(together, Probability(segmenter, first));
    }

    [Fact]
    public void A_mask_changes_the_result_until_it_is_taken_back()
    {
        using var model = TinyPromptable.Create();
        using var image = Image();
        using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
        segmenter.SetImage(image);
        using var mask = new LabelVolume(zeros(File.Size.ToArray(), ScalarType.Int32), File);
        using (var block = mask.Values[8..20, 4..14, 8..16])
            block.fill_(3);
        var one = segmenter.AddObject();
        one.SetMask(mask);
        float[] alone = Probability(one);
        one.AddClick(new Click(new(14, 9, 12)));
        float[] both = Probability(one);
        one.RemoveMask();
        Assert.NotEqual(alone, both);
        Assert.NotEqual(both, Probability(one));
    }

    [Fact]
    public void A_box_for_weights_without_box_embeddings_is_a_click_at_its_centre_and_the_result_says_so()
    {
        using var model = TinyPromptable.Create();
        using var image = Image(Geometry.Create(32, 1.5));
        using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
        segmenter.SetImage(image);
        var one = segmenter.AddObject();
        one.AddBox(new BoxPrompt(new(20, 4, 6), new(10, 12, 18)));
        using var segmentation = one.Predict();
        Assert.Contains(segmentation.Notes, note => note.Contains("no box embeddings", StringComparison.Ordinal));
        Assert.Equal(Probability(segmenter, new Click(new(15, 8, 12))), Probability(one));
    }

    [Fact]
    public void A_box_for_weights_with_box_embeddings_is_given_as_a_box()
    {
        using var model = TinyPromptable.Create(TinyPromptable.Options with { Prompts = TinyPromptable.Options.Prompts with { HasBoxEmbeddings = true } });
        using var image = Image(Geometry.Create(32, 1.5));
        using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
        segmenter.SetImage(image);
        var one = segmenter.AddObject();
        one.AddBox(new BoxPrompt(new(20, 4, 6), new(10, 12, 18)));
        using var segmentation = one.Predict();
        Assert.DoesNotContain(segmentation.Notes, note => note.Contains("box", StringComparison.Ordinal));
        float[] small = Probability(one);
        one.RemoveBox(0);
        one.AddBox(new BoxPrompt(new(28, 1, 1), new(2, 15, 23)));
        Assert.NotEqual(small, Probability(one));
    }

    [Theory]
    [InlineData(30, 5, 5, CoordinateSpace.Voxel, "inside the image of")]
    [InlineData(5, -0.6, 5, CoordinateSpace.Voxel, "inside the image of")]
    [InlineData(5, double.NaN, 5, CoordinateSpace.Voxel, "finite coordinates")]
    [InlineData(double.PositiveInfinity, 5, 5, CoordinateSpace.World, "finite coordinates")]
    [InlineData(500, 5, 5, CoordinateSpace.World, "mm, which is voxel")]
    public void Prompts_outside_the_image_are_refused_in_one_line(double x, double y, double z, CoordinateSpace space, string reason)
    {
        using var model = TinyPromptable.Create();
        using var image = Image(Geometry.Create(30, 1.5));
        using var segmenter = new PromptableSegmenter(model);
        segmenter.SetImage(image);
        var one = segmenter.AddObject();
        var position = new Double3(x, y, z);
        AssertRefused(() => one.AddClick(new Click(position, Space: space)));
        AssertRefused(() => one.AddBox(new BoxPrompt(new(1, 1, 1), position, space)));
        Assert.Empty(one.Clicks);

        void AssertRefused(Action action)
        {
            var problem = Assert.Throws<ArgumentException>(action);
            Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', problem.Message);
        }
    }

    [Fact]
    public void Missing_images_objects_and_prompts_are_named()
    {
        using var model = TinyPromptable.Create();
        using var image = Image();
        using var segmenter = new PromptableSegmenter(model);
        Assert.Contains("SetImage", Assert.Throws<InvalidOperationException>(() => segmenter.AddObject()).Message, StringComparison.Ordinal);
        segmenter.SetImage(image);
        Assert.Contains("no objects", Assert.Throws<InvalidOperationException>(() => segmenter.PredictLabels()).Message, StringComparison.Ordinal);
        var one = segmenter.AddObject();
        Assert.Contains("no prompts", Assert.Throws<InvalidOperationException>(() => one.Predict()).Message, StringComparison.Ordinal);
        one.AddClick(new Click(new(5, 5, 5), IsForeground: false));
        Assert.Contains("background clicks only", Assert.Throws<InvalidOperationException>(() => one.Predict()).Message, StringComparison.Ordinal);
        using var empty = new LabelVolume(zeros(File.Size.ToArray(), ScalarType.Int32), File);
        Assert.Contains("empty one", Assert.Throws<ArgumentException>(() => one.SetMask(empty)).Message, StringComparison.Ordinal);
        segmenter.SetImage(image);
        Assert.Throws<ObjectDisposedException>(() => one.AddClick(new Click(new(5, 5, 5))));
    }

    [Fact]
    public void An_image_without_positive_voxels_where_the_click_is_says_so()
    {
        using var model = TinyPromptable.Create();
        using var image = new Volume(full([1, 30, 30, 30], -5f), Geometry.Create(30, 1.5));
        using var segmenter = new PromptableSegmenter(model);
        segmenter.SetImage(image);
        var one = segmenter.AddObject();
        one.AddClick(new Click(new(5, 5, 5)));
        Assert.Contains("voxels above 0", Assert.Throws<ArgumentException>(() => one.Predict()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predicting_leaves_nothing_behind_once_results_and_segmenter_are_disposed()
    {
        using var model = TinyPromptable.Create();
        using var image = Image();
        Use();
        long before = LiveTensors.Before();
        Use();
        Assert.Equal(before, LiveTensors.Now);

        void Use()
        {
            using var segmenter = new PromptableSegmenter(model);
            segmenter.SetImage(image);
            var one = segmenter.AddObject();
            one.AddClick(new Click(new(20, 9, 12)));
            one.AddBox(new BoxPrompt(new(8, 4, 8), new(19, 13, 15)));
            one.Predict().Dispose();
            one.AddClick(new Click(new(12, 9, 12), IsForeground: false));
            using (var segmentation = one.Predict())
            using (segmentation.CreateMask())
            using (segmentation.CreateProbability())
            {
            }

            using (segmenter.PredictLabels())
            {
            }
        }
    }

    private static Volume Image(Geometry? geometry = null) =>
        new(rand([1, .. (geometry ?? File).Size.ToArray()], generator: new Generator(3)) * 100 + 1, geometry ?? File);

    private static float[] Probability(PromptableSegmenter segmenter, params Click[] clicks)
    {
        var one = segmenter.AddObject();
        foreach (var click in clicks)
            one.AddClick(click);
        return Probability(one);
    }

    private static float[] Probability(PromptedObject one)
    {
        using var segmentation = one.Predict();
        using var probability = segmentation.CreateProbability();
        return probability.Voxels().ToArray();
    }
}
