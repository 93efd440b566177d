namespace SamMed3D.Transfer.Tests;

public sealed class SpatialAugmentationTests
{
    private static readonly Size3 Size = new(24, 20, 18);
    private static readonly float[] Outside = [0];

    public static TheoryData<string> Kinds => ["rotation", "scaling", "elastic", "all"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Labels_move_with_the_image(string kind)
    {
        // A smooth ball off the middle: its label is where the image is above one half.
        using var scope = NewDisposeScope();
        var image = Ball(Size, 1);
        var labels = (image[0] > 0.5f).to(ScalarType.Int64);
        var augmentation = new Augmentation(Certain(kind));
        long moved = 0, all = 0;
        for (var sample = 0; sample < 8; sample++)
        {
            var (newImage, newLabels) = augmentation.Apply(image, labels, new(1, 1, 2), Outside, new RandomStream(3, sample));
            // The nearest voxel is half a voxel's diagonal away at most, and the image falls by an eighth a voxel.
            var disagree = (newImage[0] > 0.5f) != (newLabels > 0);
            var distance = (newImage[0] - 0.5f).abs().masked_fill(~disagree, 0).max().item<float>();
            Assert.InRange(distance, 0, 0.87f / 8 + 0.01f);
            moved += ((newLabels > 0) != (labels > 0)).sum().item<long>();
            all += newLabels.sum().item<long>();
        }

        Assert.True(moved > all / 4, $"{moved} of {all} voxels moved");
    }

    [Fact]
    public void At_strength_zero_nothing_changes_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        var image = rand([2, Size.X, Size.Y, Size.Z], generator: new Generator(1));
        var labels = (image[0] * 5).to(ScalarType.Int64);
        var still = new AugmentationOptions
        {
            Rotation = new() { Probability = 1, Degrees = 0 },
            Scaling = new() { Probability = 1, Factor = 1 },
            Elastic = new() { Probability = 1, Displacement = 0 },
        };
        var (newImage, newLabels) = new Augmentation(still).Apply(image, labels, new(0.7, 1.3, 3), [9, 9], new RandomStream(1));
        Assert.True(newImage.equal(image).all().item<bool>());
        Assert.True(newLabels.equal(labels).all().item<bool>());
    }

    [Fact]
    public void With_probability_zero_copies_come_back()
    {
        using var scope = NewDisposeScope();
        var image = rand([1, Size.X, Size.Y, Size.Z], generator: new Generator(1));
        var labels = zeros(Size.ToArray(), ScalarType.Int64);
        var (newImage, newLabels) = new Augmentation(AugmentationPreset.None).Apply(image, labels, 1, Outside, new RandomStream(1));
        Assert.True(newImage.equal(image).all().item<bool>());
        newImage.zero_();
        newLabels.fill_(1);
        Assert.True(image.sum().item<float>() > 0 && labels.sum().item<long>() == 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_quarter_turn_is_the_one_that_torch_makes(int axis)
    {
        using var scope = NewDisposeScope();
        var size = new Size3(9, 9, 9);
        var image = rand([1, 9, 9, 9], generator: new Generator(2));
        // Where the patch's axis "from" runs, the case's axis "to" does.
        var (from, to) = ((axis + 1) % 3, (axis + 2) % 3);
        var rotation = new double[9];
        (rotation[4 * axis], rotation[3 * to + from], rotation[3 * from + to]) = (1, 1, -1);
        var spatial = SpatialTransform.Of(size, 1.5, rotation, 1);
        var patch = new float[size.Count];
        spatial.Image(Boxed(image, size, spatial, -99), patch);
        Assert.Equal(image[0].rot90(-1, (from, to)).contiguous().data<float>().ToArray(), patch);
        var labels = new float[size.Count];
        spatial.Labels<float>(Boxed(image, size, spatial, -99), labels);
        Assert.Equal(patch, labels);
    }

    [Fact]
    public void Twice_as_large_shows_every_voxel_twice()
    {
        using var scope = NewDisposeScope();
        // Along X the patch of 8 then shows the middle four voxels; between them lie quarters.
        var image = (arange(8, ScalarType.Float32) * 4).view(1, 8, 1, 1).expand(1, 8, 3, 3).contiguous();
        var labels = image[0].to(ScalarType.Int64).contiguous();
        var options = new AugmentationOptions { Scaling = new() { Probability = 1, Factor = 2 } };
        var (newImage, newLabels) = new Augmentation(options).Apply(image, labels, 1, Outside, new RandomStream(1));
        Assert.Equal([7, 9, 11, 13, 15, 17, 19, 21], newImage[0, TensorIndex.Colon, 1, 1].data<float>().ToArray());
        Assert.Equal([8, 8, 12, 12, 16, 16, 20, 20], newLabels[TensorIndex.Colon, 1, 1].data<long>().ToArray());
    }

    [Fact]
    public void Angles_are_true_in_mm_whatever_the_spacing()
    {
        // A turn about Z of a grid that is twice as coarse along Y moves a place in mm to the same place in mm.
        double[] turn = new Rotation { Degrees = new(0, 0, 60) }.Validated().Draw(new RandomStream(8));
        Assert.True(Math.Abs(turn[1]) > 0.1);
        var spacing = new Double3(1, 2, 1);
        using var scope = NewDisposeScope();
        var size = new Size3(41, 21, 3);
        // The image is its own place in mm along X.
        var image = (arange(41, ScalarType.Float32) - 20).view(1, 41, 1, 1).expand(1, 41, 21, 3).contiguous();
        var spatial = SpatialTransform.Of(size, spacing, turn, 1);
        var box = Boxed(image, size, spatial, -99);
        var patch = new float[size.Count];
        spatial.Image(box, patch);
        foreach (var (x, y) in ((int, int)[])[(20, 10), (24, 12), (14, 8), (25, 7)])
        {
            double expected = turn[0] * (x - 20) * spacing.X + turn[1] * (y - 10) * spacing.Y;
            Assert.Equal(expected, patch[(x * 21 + y) * 3 + 1], 4);
        }
    }

    [Fact]
    public void Bending_never_folds_the_image_over_and_stays_within_its_bound()
    {
        var elastic = new ElasticDeformation { ControlSpacing = 10, Displacement = 4 };
        var field = elastic.Validated().Draw(Size, 1, new RandomStream(4));
        float[] x = new float[Size.Z], y = new float[Size.Z], z = new float[Size.Z];
        float largest = 0;
        for (var i = 0; i < Size.X; i++)
            for (var j = 0; j < Size.Y; j++)
            {
                Array.Clear(x);
                Array.Clear(y);
                for (var k = 0; k < Size.Z; k++)
                    z[k] = k;
                field.AddTo(i, j, x, y, z);
                for (var k = 1; k < Size.Z; k++)
                {
                    Assert.True(z[k] > z[k - 1]);
                    largest = Math.Max(largest, Math.Max(Math.Abs(x[k]), Math.Abs(y[k])));
                }
            }

        Assert.InRange(largest, 0.5f, 4);
        Assert.Throws<ArgumentException>(() => (elastic with { Displacement = 4.5 }).Validated());
    }

    [Fact]
    public void Chance_comes_from_the_stream_alone_and_nothing_is_left_behind()
    {
        using var image = rand([1, Size.X, Size.Y, Size.Z], generator: new Generator(1));
        using var labels = zeros(Size.ToArray(), ScalarType.Int64);
        var augmentation = new Augmentation(Certain("all") with { GaussianNoise = new() { Probability = 1 }, Gamma = new() { Probability = 1 } });
        long before = LiveTensors.Before();
        float[] first = Values(1), again = Values(1), other = Values(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(before, LiveTensors.Now);

        float[] Values(int step)
        {
            var (newImage, newLabels) = augmentation.Apply(image, labels, 1, Outside, new RandomStream(1, step));
            using (newImage)
            using (newLabels)
                return newImage.data<float>().ToArray();
        }
    }

    [Fact]
    public void Options_out_of_range_and_misshapen_patches_are_refused()
    {
        Assert.Contains("Degrees", Assert.Throws<ArgumentException>(() => new Rotation { Degrees = 200 }.Validated()).Message, StringComparison.Ordinal);
        Assert.Contains("Factor is 2 to 1", Assert.Throws<ArgumentException>(() => new Scaling { Factor = new(2, 1) }.Validated()).Message, StringComparison.Ordinal);
        Assert.Contains("Probability 2", Assert.Throws<ArgumentException>(() => new Scaling { Probability = 2 }.Validated()).Message, StringComparison.Ordinal);
        using var image = zeros([1, 4, 4, 4]);
        using var labels = zeros([4, 4, 5], ScalarType.Int64);
        var augmentation = new Augmentation(AugmentationPreset.Standard);
        Assert.Throws<ArgumentException>(() => augmentation.Apply(image, labels, 1, Outside, new RandomStream(1)));
        Assert.Throws<ArgumentException>(() => augmentation.Apply(labels, labels, 1, Outside, new RandomStream(1)));
    }

    private static float[] Boxed(Tensor image, Size3 size, SpatialTransform spatial, float outside)
    {
        var box = new float[spatial.BoxSize.Count];
        Array.Fill(box, outside);
        float[] values = image.data<float>().ToArray();
        for (var x = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
                for (var z = 0; z < size.Z; z++)
                {
                    var (i, j, k) = (x - spatial.Begin.X, y - spatial.Begin.Y, z - spatial.Begin.Z);
                    if (i >= 0 && j >= 0 && k >= 0 && i < spatial.BoxSize.X && j < spatial.BoxSize.Y && k < spatial.BoxSize.Z)
                        box[(i * spatial.BoxSize.Y + j) * spatial.BoxSize.Z + k] = values[(x * size.Y + y) * size.Z + z];
                }

        return box;
    }

    private static AugmentationOptions Certain(string kind) => new()
    {
        Rotation = kind is "rotation" or "all" ? new() { Probability = 1 } : null,
        Scaling = kind is "scaling" or "all" ? new() { Probability = 1 } : null,
        Elastic = kind is "elastic" or "all" ? new() { Probability = 1, ControlSpacing = 12, Displacement = 4.5 } : null,
    };

    /// <summary>Falls from 1 in the middle of the ball, 4 voxels off the patch's, to 0; all above one half is inside the patch.</summary>
    private static Tensor Ball(Size3 size, int channels)
    {
        Tensor Along(int axis, int extent) => (arange(extent, ScalarType.Float32) - extent / 2f + 4).pow(2).view([.. Enumerable.Range(0, 3).Select(i => i == axis ? extent : 1L)]);
        return (1 - (Along(0, size.X) + Along(1, size.Y) + Along(2, size.Z)).sqrt() / 8).clamp(0, 1).unsqueeze(0).expand(channels, -1, -1, -1).contiguous();
    }
}
