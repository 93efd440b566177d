namespace SamMed3D.Transfer.Tests;

public class LargeObjectTests
{
    [Fact]
    public void An_object_longer_than_three_patches_is_recovered_whole()
    {
        using var model = BrightnessModel.Create();
        // A bar of 16 x 16 x 104 voxels, patches of 32.
        var (image, truth) = Scene(new(48, 48, 120), (new(16, 16, 8), new(32, 32, 112)));
        using (image)
        using (truth)
        {
            using var segmenter = new PromptableSegmenter(model);
            segmenter.SetImage(image);
            var bar = segmenter.AddObject();
            bar.AddClick(new Click(new(24, 24, 24)));
            using var segmentation = bar.Predict();
            using var mask = segmentation.CreateMask();
            Assert.True(mask.Values.equal(truth.Values).all().ToBoolean());
            Assert.Equal(7, segmentation.PatchCount);
            Assert.Equal(0.75, segmentation.PredictedIou, 6);
            Assert.Contains("followed", Assert.Single(segmentation.Notes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void With_one_patch_allowed_the_rest_of_the_object_is_missing_and_the_result_says_so()
    {
        using var model = BrightnessModel.Create();
        var (image, truth) = Scene(new(48, 48, 120), (new(16, 16, 8), new(32, 32, 112)));
        using (image)
        using (truth)
        {
            using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
            segmenter.SetImage(image);
            var bar = segmenter.AddObject();
            bar.AddClick(new Click(new(24, 24, 24)));
            using var segmentation = bar.Predict();
            using var mask = segmentation.CreateMask();
            Assert.Equal(16 * 16 * 32, mask.Values.sum().item<long>());
            Assert.Contains("beyond the 1 patch", Assert.Single(segmentation.Notes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_foreground_click_far_from_the_others_gets_a_patch_of_its_own()
    {
        using var model = BrightnessModel.Create();
        var (image, truth) = Scene(new(32, 32, 120), (new(8, 8, 8), new(24, 24, 24)), (new(8, 8, 88), new(24, 24, 104)));
        using (image)
        using (truth)
        {
            using var segmenter = new PromptableSegmenter(model);
            segmenter.SetImage(image);
            var both = segmenter.AddObject();
            both.AddClick(new Click(new(16, 16, 16)));
            both.AddClick(new Click(new(16, 16, 96)));
            both.AddClick(new Click(new(16, 16, 56), IsForeground: false));
            using var segmentation = both.Predict();
            using var mask = segmentation.CreateMask();
            Assert.True(mask.Values.equal((truth.Values != 0).to(ScalarType.Int32)).all().ToBoolean());
            Assert.Equal(2, segmentation.PatchCount);
            Assert.Contains("1 of 3 clicks", Assert.Single(segmentation.Notes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Several_objects_become_one_label_map()
    {
        using var model = BrightnessModel.Create();
        var (image, truth) = Scene(new(32, 32, 120), (new(8, 8, 8), new(24, 24, 24)), (new(8, 8, 88), new(24, 24, 104)));
        using (image)
        using (truth)
        {
            using var segmenter = new PromptableSegmenter(model);
            segmenter.SetImage(image);
            segmenter.AddObject().AddClick(new Click(new(16, 16, 16)));
            segmenter.AddObject().AddClick(new Click(new(16, 16, 96)));
            using var labels = segmenter.PredictLabels();
            Assert.True(labels.Values.equal(truth.Values).all().ToBoolean());
        }
    }

    [Fact]
    public void Patches_are_added_only_where_the_object_touches_and_the_image_goes_on()
    {
        using var logits = full([32, 32, 32], -1f);
        using (var bar = logits[10..20, 10..20, ..])
            bar.fill_(1);
        // Along the third axis both faces are touched, but the patch begins where the image does.
        var only = Assert.Single(PatchGrowth.Next(new(64, 64, 100), new(0, 5, 0), logits));
        Assert.Equal(new Size3(0, 5, 16), only.Begin);
        Assert.Equal(new PlacedBox(new(10, 15, 32), new(19, 24, 32)), only.Beyond);
        // Near the end a step is shorter, so that the patch stays inside.
        Assert.Equal([new Size3(0, 5, 14), new Size3(0, 5, 38)], PatchGrowth.Next(new(64, 64, 70), new(0, 5, 30), logits).Select(next => next.Begin));
        Assert.Empty(PatchGrowth.Next(new(32, 37, 32), new(0, 5, 0), logits));
    }

    [Fact]
    public void The_surest_place_lies_in_the_thick_of_what_both_patches_share()
    {
        using var logits = full([32, 32, 32], -5f);
        using (var thin = logits[8, 8, ..])
            thin.fill_(9);
        using (var thick = logits[12..22, 12..22, ..])
            thick.fill_(5);
        var place = PatchGrowth.SurestPlace(logits, new(0, 0, 0), new(0, 0, 16));
        Assert.NotNull(place);
        Assert.InRange(place.Value.X, 15, 18);
        Assert.InRange(place.Value.Y, 15, 18);
        Assert.InRange(place.Value.Z, 0, 15);
        using var nothing = full([32, 32, 32], -5f);
        Assert.Null(PatchGrowth.SurestPlace(nothing, new(0, 0, 0), new(0, 0, 16)));
    }

    /// <summary>Bright blocks on dark ground at 1.5 mm, and their labels from 1.</summary>
    private static (Volume Image, LabelVolume Truth) Scene(Size3 size, params (Size3 From, Size3 To)[] blocks)
    {
        var geometry = Geometry.Create(size, 1.5);
        var labels = new LabelVolume(zeros(size.ToArray(), ScalarType.Int32), geometry);
        foreach (var ((from, to), index) in blocks.Select((block, index) => (block, index)))
            using (var part = labels.Values[from.X..to.X, from.Y..to.Y, from.Z..to.Z])
                part.fill_(index + 1);
        using var scope = NewDisposeScope();
        var bright = where(labels.Values > 0, tensor(90f), tensor(10f));
        return (new Volume(bright.unsqueeze(0).contiguous(), geometry), labels);
    }
}
