namespace SamMed3D.Transfer.Tests;

/// <summary>Ignored voxels, and channels that are regions.</summary>
public sealed class IgnoredAndRegionLossTests
{
    /// <summary>Region A has the values 1 and 3, region B 2 and 3: any two masks can be written as one label map.</summary>
    private static readonly LabelScheme TwoRegions = new LabelScheme
    {
        Structures = [new LabelRegion { Name = "A", Values = [1, 3] }, new LabelRegion { Name = "B", Values = [2, 3] }],
        RegionClassOrder = [1, 2],
    }.Validated();

    public static TheoryData<SegmentationLoss, bool> Losses
    {
        get
        {
            var data = new TheoryData<SegmentationLoss, bool>();
            SegmentationLoss[] losses =
            [
                new DiceLoss(), new DiceLoss { SquaredDenominator = true, OverBatch = true }, new DiceLoss { Jaccard = true }, new VoxelCrossEntropyLoss(), new FocalLoss(),
                new DiceCrossEntropyLoss(), new DiceFocalLoss(),
            ];
            foreach (var loss in losses)
            {
                data.Add(loss, false);
                data.Add(loss, true);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Losses))]
    public void Ignored_voxels_change_no_loss_and_get_no_gradient(SegmentationLoss loss, bool hasRegions)
    {
        using var scope = NewDisposeScope();
        var scheme = hasRegions ? TwoRegions : null;
        long channels = hasRegions ? 2 : 4;
        var generator = new Generator(5);
        var labels = randint(0, 4, [2, 3, 4, 5], ScalarType.Int64, generator: generator);
        labels.narrow(3, 3, 2).fill_(LabelScheme.Ignored);
        var logits = randn([2, channels, 3, 4, 5], generator: generator).requires_grad_();

        var value = loss.Compute(logits, labels, scheme);
        value.backward();

        // As if the volume ended where the ignored voxels begin.
        var cut = logits.detach().narrow(4, 0, 3).clone().requires_grad_();
        var expected = loss.Compute(cut, labels.narrow(3, 0, 3), scheme);
        expected.backward();
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-6);
        Assert.Equal(0, logits.grad!.narrow(4, 3, 2).abs().max().item<float>());
        Assert.True(logits.grad.narrow(4, 0, 3).allclose(cut.grad!, rtol: 1e-5, atol: 1e-8));
    }

    [Theory, MemberData(nameof(Losses))]
    public void Where_everything_is_ignored_there_is_no_gradient_and_no_NaN(SegmentationLoss loss, bool hasRegions)
    {
        using var scope = NewDisposeScope();
        var logits = randn([1, hasRegions ? 2 : 4, 2, 2, 2], generator: new Generator(5)).requires_grad_();

        var value = loss.Compute(logits, full([1, 2, 2, 2], -1, ScalarType.Int64), hasRegions ? TwoRegions : null);
        value.backward();

        Assert.True(value.isfinite().item<bool>());
        Assert.Equal(0, logits.grad!.abs().max().item<float>());
    }

    [Fact]
    public void Weighted_cross_entropy_is_the_weighted_mean_over_the_known_voxels()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[] { 0, 0, 5, /**/ 0, (float)Math.Log(3), -7 }).view(1, 2, 3, 1, 1);
        var labels = tensor(new long[] { 0, 1, -1 }).view(1, 3, 1, 1);

        double value = new VoxelCrossEntropyLoss { ClassWeights = [1, 3] }.Compute(logits, labels).item<float>();

        // Voxel 0: -ln 1/2 with weight 1; voxel 1: -ln 3/4 with weight 3.
        Assert.Equal((Math.Log(2) - 3 * Math.Log(0.75)) / 4, value, 1e-6);
    }

    [Fact]
    public void Dice_and_cross_entropy_of_overlapping_regions_have_the_values_computed_by_hand()
    {
        using var scope = NewDisposeScope();
        // Probabilities of A: 1/2, 3/4; of B: 1/2, 1/4. The first voxel is in both, the second in A alone.
        float three = (float)Math.Log(3);
        var logits = tensor(new float[] { 0, three, /**/ 0, -three }).view(1, 2, 2, 1, 1);
        var labels = tensor(new long[] { 3, 1 }).view(1, 2, 1, 1);

        double dice = new DiceLoss { NumeratorSmoothing = 0, DenominatorSmoothing = 0 }.Compute(logits, labels, TwoRegions).item<float>();
        double crossEntropy = new VoxelCrossEntropyLoss().Compute(logits, labels, TwoRegions).item<float>();

        // A: 2 (1/2 + 3/4) / (5/4 + 2) = 10/13; B: 2 (1/2) / (3/4 + 1) = 4/7.
        Assert.Equal(1 - (10.0 / 13 + 4.0 / 7) / 2, dice, 1e-6);
        Assert.Equal((Math.Log(2) - Math.Log(0.75) + Math.Log(2) - Math.Log(0.75)) / 4, crossEntropy, 1e-6);
    }

    [Theory, MemberData(nameof(Losses))]
    public void Regions_cost_what_each_of_them_costs_alone(SegmentationLoss loss, bool hasRegions)
    {
        if (!hasRegions)
            return;
        using var scope = NewDisposeScope();
        var generator = new Generator(7);
        var labels = randint(0, 4, [2, 3, 4, 5], ScalarType.Int64, generator: generator);
        var logits = randn([2, 2, 3, 4, 5], generator: generator);

        double together = loss.Compute(logits, labels, TwoRegions).item<float>();
        double a = loss.Compute(logits.narrow(1, 0, 1), (labels == 1).logical_or(labels == 3).to(ScalarType.Int64)).item<float>();
        double b = loss.Compute(logits.narrow(1, 1, 1), (labels >= 2).to(ScalarType.Int64)).item<float>();

        Assert.Equal((a + b) / 2, together, 1e-6);
    }

    [Fact]
    public void Another_number_of_channels_than_regions_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("3 channels for 2 regions", Assert.Throws<ArgumentException>(
            () => new DiceLoss().Compute(zeros([1, 3, 2, 2, 2]), zeros([1, 2, 2, 2], ScalarType.Int64), TwoRegions)).Message, StringComparison.Ordinal);
    }
}
