namespace SamMed3D.Transfer.Tests;

public class AlignedResamplerTests
{
    [Theory]
    [InlineData("RAS", 1.5)]
    [InlineData("LPS", 1.5)]
    [InlineData("PIR", 0.8)]
    [InlineData("SAL", 2.3)]
    public void The_numbers_are_those_of_the_general_resampler(string orientation, double spacing)
    {
        var file = Reorientation.To(Geometry.Create(new(19, 23, 14), new(1.1, 0.9, 2)), Orientation.Parse(orientation));
        var prepared = Reorientation.To(Resampler.GridFor(file, spacing), Orientation.Canonical);
        // A window that reaches beyond the image on some sides and leaves some of it out on others.
        var window = CropOrPad.At(prepared, [-2, 3, 1], new Size3(9, 30, 5)).Geometry;
        using var source = new Volume(randn([1, 9, 30, 5], generator: new Generator(3)), window);
        using var expected = GridResampler.ToGrid(source, file);

        using var actual = zeros(file.Size.ToArray());
        using var values = source.Values[0];
        AlignedResampler.Between(window, file).Fill(values, actual);

        using var difference = (actual - expected.Values[0]).abs().max();
        Assert.InRange(difference.item<float>(), 0, 1e-5);
        Assert.True(expected.Values.count_nonzero().item<long>() > 100);
    }

    [Fact]
    public void Oblique_grids_are_refused()
    {
        var straight = Geometry.Create(10, 1);
        var turned = new Geometry(10, new(new(0.8, -0.6, 0, 0), new(0.6, 0.8, 0, 0), new(0, 0, 1, 0)));
        Assert.Contains("common axes", Assert.Throws<ArgumentException>(() => AlignedResampler.Between(straight, turned)).Message, StringComparison.Ordinal);
    }
}
