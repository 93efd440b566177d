namespace SamMed3D.Transfer.Tests;

public sealed class RandomFlipTests
{
    private static Func<double> Sequence(params double[] values)
    {
        int next = 0;
        return () => values[next++];
    }

    [Fact]
    public void Image_and_labels_are_mirrored_alike_along_the_axes_that_are_drawn()
    {
        using var scope = NewDisposeScope();
        var image = arange(24, ScalarType.Float32).view(1, 2, 3, 4);
        var labels = image.to(ScalarType.Int64);
        var flip = new RandomFlip(new RandomFlipOptions { Axes = [0, 2] });

        var (flippedImage, flippedLabels) = flip.Apply(image, labels, Sequence(0.4, 0.1, 0.49));

        Assert.True(flippedImage.equal(image.flip(1, 3)).all().item<bool>());
        Assert.True(flippedLabels.equal(labels.flip(1, 3)).all().item<bool>());
    }

    [Fact]
    public void An_axis_that_is_not_named_is_never_mirrored()
    {
        using var scope = NewDisposeScope();
        var image = arange(24, ScalarType.Float32).view(2, 3, 4);
        var flip = new RandomFlip(new RandomFlipOptions { Axes = [1], Probability = 1 });

        Assert.True(flip.Apply(image, image, Sequence(0, 0, 0)).Image.equal(image.flip(1)).all().item<bool>());
        Assert.True(new RandomFlip(new RandomFlipOptions { Probability = 1 }).Apply(image, image, Sequence(0, 0, 0)).Image
            .equal(image).all().item<bool>());
    }

    [Fact]
    public void The_result_belongs_to_the_caller_even_without_a_flip()
    {
        using var image = arange(24, ScalarType.Float32).view(2, 3, 4);
        var flip = new RandomFlip(new RandomFlipOptions { Axes = [1] });

        var (same, sameLabels) = flip.Apply(image, image, Sequence(0.9, 0.9, 0.9));
        same.Dispose();
        sameLabels.Dispose();

        Assert.False(image.IsInvalid);
    }

    [Fact]
    public void Axes_out_of_range_and_differing_extents_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new RandomFlip(new RandomFlipOptions { Axes = [3] }));
        Assert.Throws<ArgumentException>(() => new RandomFlip(new RandomFlipOptions { Axes = [1, 1] }));
        using var image = zeros(1, 2, 3, 4);
        using var labels = zeros(1, 2, 3, 5);
        Assert.Throws<ArgumentException>(() => new RandomFlip(new RandomFlipOptions()).Apply(image, labels, Sequence(0, 0, 0)));
    }
}
