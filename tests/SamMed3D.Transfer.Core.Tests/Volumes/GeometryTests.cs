namespace SamMed3D.Transfer.Tests;

public sealed class GeometryTests
{
    [Fact]
    public void A_created_grid_is_RAS_with_the_given_spacing()
    {
        var geometry = Geometry.Create(new(4, 5, 6), new(1, 2, 3));
        Assert.Equal("RAS", geometry.Orientation.Code);
        Assert.Equal(new Double3(1, 2, 3), geometry.Spacing);
        Assert.Equal(new Double3(2, 6, 12), geometry.ToWorld(new(2, 3, 4)));
        Assert.Equal("4x5x6, 1x2x3 mm, RAS from (0, 0, 0)", geometry.ToString());
    }

    [Fact]
    public void Index_and_place_are_inverse()
    {
        var geometry = new Geometry(8, Affine.FromRows([0.9, -0.4, 0.1, -20, 0.3, 1.7, -0.2, 30, 0.1, 0.2, 2.5, 5]));
        Double3 there = geometry.ToWorld(new(1.5, -2, 7)), back = geometry.ToIndex(there);
        Assert.Equal(1.5, back.X, 1e-12);
        Assert.Equal(-2, back.Y, 1e-12);
        Assert.Equal(7, back.Z, 1e-12);
        Affine round = geometry.Affine.After(geometry.Affine.Inverse());
        for (int row = 0; row < 4; row++)
            for (int column = 0; column < 4; column++)
                Assert.Equal(row == column ? 1 : 0, round[row, column], 1e-12);
    }

    [Theory]
    [InlineData("RAS"), InlineData("LPS"), InlineData("PIR"), InlineData("SAL"), InlineData("asr")]
    public void An_orientation_is_read_from_its_code_and_from_its_affine(string code)
    {
        var orientation = Orientation.Parse(code);
        Assert.Equal(code.ToUpperInvariant(), orientation.Code);
        Assert.Equal(orientation, Reorientation.To(Geometry.Create(new(2, 3, 4), new(1, 2, 3)), orientation).Orientation);
    }

    [Theory]
    [InlineData("RA"), InlineData("RAA"), InlineData("RLS"), InlineData("RASX"), InlineData("XYZ"), InlineData("")]
    public void What_is_no_orientation_is_refused(string code) =>
        Assert.Contains($"got \"{code}\"", Assert.Throws<ArgumentException>(() => Orientation.Parse(code)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_oblique_grid_has_the_nearest_orientation()
    {
        (double sine, double cosine) = Math.SinCos(0.6);
        Assert.Equal("RAS", Orientation.Of(Affine.FromRows([cosine, -sine, 0, 0, sine, cosine, 0, 0, 0, 0, 1, 0])).Code);
        (sine, cosine) = Math.SinCos(0.9);
        Assert.Equal("ALS", Orientation.Of(Affine.FromRows([cosine, -sine, 0, 0, sine, cosine, 0, 0, 0, 0, 1, 0])).Code);
    }

    [Fact]
    public void Singular_and_unfinished_affines_are_refused_in_one_line()
    {
        string Message(params double[] rows) => Assert.Throws<ArgumentException>(() => new Geometry(2, Affine.FromRows(rows))).Message;
        Assert.Equal("The affine is singular (spacing 1x1x0 mm): its voxel axes do not span space.", Message(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0));
        Assert.StartsWith("The affine is singular", Message(1, 2, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0), StringComparison.Ordinal);
        Assert.StartsWith("The affine is not finite", Message(1, 0, 0, double.NaN, 0, 1, 0, 0, 0, 0, 1, 0), StringComparison.Ordinal);
        Assert.StartsWith("Expected at least one voxel on each axis, got 1x0x1",
            Assert.Throws<ArgumentException>(() => Geometry.Create(new(1, 0, 1), 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Geometry.Create(2, new(1, -1, 1)));
        Assert.Throws<ArgumentException>(() => Affine.FromRows([1, 2, 3]));
        Assert.Throws<ArgumentException>(() => Affine.FromRows([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1]));
    }

    [Fact]
    public void Tiny_spacings_are_not_singular() => Assert.Equal(1e-4, Geometry.Create(2, 1e-4).Spacing.X);

    [Fact]
    public void Grids_match_when_their_corners_do()
    {
        var geometry = Geometry.Create(100, 1);
        Assert.True(geometry.Matches(Geometry.Create(100, 1.00001)));
        Assert.False(geometry.Matches(Geometry.Create(100, 1.001)));
        Assert.True(geometry.Matches(Geometry.Create(100, 1.001), tolerance: 0.5));
        Assert.False(geometry.Matches(Geometry.Create(new(100, 100, 99), 1)));
    }

    [Fact]
    public void A_volume_refuses_a_tensor_that_does_not_fit_its_grid()
    {
        var geometry = Geometry.Create(new(2, 3, 4), 1);
        using var scope = NewDisposeScope();
        Assert.Contains("Expected [C, 2, 3, 4] as the geometry says, got [2, 3, 4]",
            Assert.Throws<ArgumentException>(() => new Volume(zeros([2, 3, 4]), geometry)).Message, StringComparison.Ordinal);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => new Volume(zeros([1, 2, 3, 4], ScalarType.Int32), geometry)).Message, StringComparison.Ordinal);
        Assert.Contains("not contiguous", Assert.Throws<ArgumentException>(() =>
            new LabelVolume(zeros([4, 3, 2], ScalarType.Int32).permute(2, 1, 0), geometry)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_owns_its_tensor_beyond_the_scope_it_was_made_in()
    {
        long before = LiveTensors.Before();
        Volume volume;
        using (NewDisposeScope())
            volume = new Volume(zeros([1, 2, 2, 2]), Geometry.Create(2, 1));
        Assert.Equal(0, volume.Voxels()[7]);
        volume.Dispose();
        Assert.Equal(before, LiveTensors.Now);
    }
}
