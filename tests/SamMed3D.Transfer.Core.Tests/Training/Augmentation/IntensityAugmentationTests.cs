namespace SamMed3D.Transfer.Tests;

public sealed class IntensityAugmentationTests
{
    private static readonly Size3 Size = new(31, 27, 22);

    public static TheoryData<string> Names => ["noise", "blur", "brightness", "contrast", "low", "gamma"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_one_changes_the_image_is_repeatable_and_does_nothing_at_strength_zero(string name)
    {
        using var scope = NewDisposeScope();
        var image = Image();
        var (strong, still) = Of(name);
        Tensor first = Applied(strong, image, 1), again = Applied(strong, image, 1), other = Applied(strong, image, 2);
        Assert.False(first.equal(image).all().item<bool>());
        Assert.True(first.isfinite().all().item<bool>());
        Assert.True(first.equal(again).all().item<bool>());
        Assert.False(first.equal(other).all().item<bool>());
        Assert.True(Applied(still, image, 1).equal(image).all().item<bool>());
        Assert.True(Applied(strong with { Probability = 0 }, image, 1).equal(image).all().item<bool>());
        // Every channel draws its own strength: the channels were alike.
        Assert.False(first[0].equal(first[1]).all().item<bool>());
    }

    [Fact]
    public void Labels_stay_as_they_are_under_all_of_them()
    {
        using var scope = NewDisposeScope();
        var image = Image();
        var labels = (image[0] > 0.5f).to(ScalarType.Int64);
        AugmentationOptions all = AugmentationPreset.Intensity;
        all = all with
        {
            GaussianNoise = all.GaussianNoise! with { Probability = 1 }, GaussianBlur = all.GaussianBlur! with { Probability = 1 },
            Brightness = all.Brightness! with { Probability = 1 }, Contrast = all.Contrast! with { Probability = 1 },
            LowResolution = all.LowResolution! with { Probability = 1 }, Gamma = all.Gamma! with { Probability = 1 },
        };
        var (newImage, newLabels) = new Augmentation(all).Apply(image, labels, 1, [0, 0], new RandomStream(3));
        Assert.False(newImage.equal(image).all().item<bool>());
        Assert.True(newLabels.equal(labels).all().item<bool>());
    }

    [Fact]
    public void Noise_has_the_deviation_that_is_asked_for_and_no_mean()
    {
        using var scope = NewDisposeScope();
        var image = zeros([1, 40, 40, 39]);
        var noisy = Applied(new GaussianNoise { Probability = 1, Deviation = 0.25 }, image, 1);
        Assert.Equal(0, noisy.mean().item<float>(), 0.005f);
        Assert.Equal(0.25f, noisy.std().item<float>(), 0.005f);
        Assert.Equal(0.683f, (noisy.abs() < 0.25).to(ScalarType.Float32).mean().item<float>(), 0.01f);
    }

    [Fact]
    public void Blur_spreads_a_point_as_a_Gaussian_and_keeps_a_constant()
    {
        using var scope = NewDisposeScope();
        var blur = new GaussianBlur { Probability = 1, Deviation = 1 };
        var point = zeros([1, 11, 13, 12]);
        point[0, 5, 6, 6] = 1;
        var spread = Applied(blur, point, 1);
        Assert.Equal(1, spread.sum().item<float>(), 1e-5f);
        Assert.Equal(Math.Exp(-0.5), (spread[0, 5, 6, 7] / spread[0, 5, 6, 6]).item<float>(), 1e-5);
        Assert.Equal(Math.Exp(-0.5), (spread[0, 4, 6, 6] / spread[0, 5, 6, 6]).item<float>(), 1e-5);
        Assert.Equal(Math.Exp(-2), (spread[0, 5, 8, 6] / spread[0, 5, 6, 6]).item<float>(), 1e-5);
        var constant = full([1, 5, 6, 7], 3f);
        Assert.True((Applied(blur, constant, 1) - 3).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void Brightness_multiplies()
    {
        using var scope = NewDisposeScope();
        var image = Image();
        Assert.True(Applied(new Brightness { Probability = 1, Factor = 2 }, image, 1).equal(image * 2).all().item<bool>());
    }

    [Fact]
    public void Contrast_stretches_about_the_mean_and_keeps_the_range()
    {
        using var scope = NewDisposeScope();
        var image = tensor([0f, 4, 5, 6, 10]).view(1, 5, 1, 1);
        Assert.Equal([0, 3, 5, 7, 10], Applied(new Contrast { Probability = 1, Factor = 2 }, image, 1).data<float>().ToArray());
        Assert.Equal([2.5f, 4.5f, 5, 5.5f, 7.5f], Applied(new Contrast { Probability = 1, Factor = 0.5 }, image, 1).data<float>().ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Gamma_keeps_order_mean_and_deviation_and_bends_the_right_end(double inverted)
    {
        using var scope = NewDisposeScope();
        var image = linspace(-1, 3, 101, ScalarType.Float32).view(1, 101, 1, 1);
        var bent = Applied(new Gamma { Probability = 1, Exponent = 2, InvertProbability = inverted }, image, 1).flatten();
        Assert.Equal(1, bent.mean().item<float>(), 1e-4f);
        Assert.Equal(image.std().item<float>(), bent.std().item<float>(), 1e-3f);
        var steps = bent.diff();
        Assert.True((steps >= 0).all().item<bool>());
        // A square is flat at the dark end; turned round, at the bright one.
        Assert.Equal(inverted > 0, steps[0].item<float>() > steps[-1].item<float>());
        var constant = full([1, 3, 3, 3], 2f);
        Assert.True(Applied(new Gamma { Probability = 1, Exponent = 2 }, constant, 1).equal(constant).all().item<bool>());
    }

    [Fact]
    public void A_coarse_scan_keeps_every_second_voxel_and_lines_in_between()
    {
        using var scope = NewDisposeScope();
        var image = arange(8, ScalarType.Float32).view(1, 8, 1, 1);
        // Voxels 1, 3, 5, 7 stand for pairs, whose middles are at 0.5, 2.5, 4.5, 6.5.
        float[] coarse = Applied(new LowResolution { Probability = 1, Zoom = 0.5 }, image, 1).data<float>().ToArray();
        Assert.Equal([1, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f, 6.5f, 7], coarse);
    }

    [Fact]
    public void Options_out_of_range_and_misshapen_images_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new GaussianNoise { Deviation = new(-1, 1) }.Validated());
        Assert.Throws<ArgumentException>(() => new GaussianBlur { Deviation = new(2, 1) }.Validated());
        Assert.Throws<ArgumentException>(() => new Brightness { Probability = double.NaN }.Validated());
        Assert.Throws<ArgumentException>(() => new Contrast { Factor = double.NaN }.Validated());
        Assert.Throws<ArgumentException>(() => new LowResolution { Zoom = new(0.5, 1.1) }.Validated());
        Assert.Throws<ArgumentException>(() => new Gamma { Exponent = 0 }.Validated());
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => new Brightness().Apply(zeros(3, 3, 3), new RandomStream(1)));
        Assert.Throws<ArgumentException>(() => new Brightness().Apply(zeros([1, 3, 3, 3], ScalarType.Float64), new RandomStream(1)));
        Assert.Throws<ArgumentException>(() => new Brightness().Apply(zeros([1, 3, 4, 3]).transpose(2, 3), new RandomStream(1)));
    }

    private static (IntensityAugmentation Strong, IntensityAugmentation Still) Of(string name) => name switch
    {
        "noise" => (new GaussianNoise { Probability = 1 }, new GaussianNoise { Probability = 1, Deviation = 0 }),
        "blur" => (new GaussianBlur { Probability = 1 }, new GaussianBlur { Probability = 1, Deviation = 0 }),
        "brightness" => (new Brightness { Probability = 1 }, new Brightness { Probability = 1, Factor = 1 }),
        "contrast" => (new Contrast { Probability = 1 }, new Contrast { Probability = 1, Factor = 1 }),
        "low" => (new LowResolution { Probability = 1, Zoom = new(0.3, 0.9) }, new LowResolution { Probability = 1, Zoom = 1 }),
        _ => (new Gamma { Probability = 1 }, new Gamma { Probability = 1, Exponent = 1 }),
    };

    private static Tensor Applied(IntensityAugmentation augmentation, Tensor image, int step)
    {
        var changed = image.clone();
        augmentation.Apply(changed, new RandomStream(11, step));
        return changed;
    }

    /// <summary>Two channels alike.</summary>
    private static Tensor Image() => rand([1, Size.X, Size.Y, Size.Z], generator: new Generator(1)).expand(2, -1, -1, -1).contiguous();
}
