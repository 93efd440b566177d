namespace SamMed3D.Transfer.Tests;

public sealed class PositionResizingTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Equal_sizes_give_equal_values_in_a_new_tensor()
    {
        var absolute = rand([1, 2, 3, 4, 5]);
        var relative = rand(5, 3);
        var same = PositionResizing.Absolute(absolute, new Size3(2, 3, 4));
        Assert.Equal(absolute.data<float>().ToArray(), same.data<float>().ToArray());
        same.zero_();
        Assert.NotEqual(0, absolute.abs().sum().item<float>());
        Assert.Equal(relative.data<float>().ToArray(), PositionResizing.Relative(relative, 5).data<float>().ToArray());
    }

    // Half-pixel centres: output cell i of m reads position (i + 0.5) n / m - 0.5 of n, clamped to the ends.
    [Theory]
    [InlineData(4, 4, 4)]
    [InlineData(3, 5, 2)]
    [InlineData(1, 2, 6)]
    public void A_linear_ramp_along_each_axis_is_resampled_at_half_pixel_centres(int x, int y, int z)
    {
        Size3 from = new(2, 3, 4), to = new(x, y, z);
        var ramps = zeros([1, 2, 3, 4, 3]);
        for (var axis = 0; axis < 3; axis++)
        {
            var shape = new long[] { 1, 1, 1, 1 };
            shape[axis + 1] = from[axis];
            ramps[.., .., .., .., axis] = arange((float)from[axis]).reshape(shape);
        }

        var resized = PositionResizing.Absolute(ramps, to);

        Assert.Equal([1, x, y, z, 3], resized.shape);
        for (var axis = 0; axis < 3; axis++)
            for (var i = 0; i < to[axis]; i++)
            {
                double expected = Math.Clamp((i + 0.5) * from[axis] / to[axis] - 0.5, 0, from[axis] - 1);
                long[] cell = [0, 0, 0, 0, axis];
                cell[axis + 1] = i;
                Assert.Equal(expected, resized[cell[0], cell[1], cell[2], cell[3], cell[4]].item<float>(), 5);
            }
    }

    [Fact]
    public void A_relative_table_stays_symmetric_about_offset_zero()
    {
        var table = arange(-3, 4, dtype: ScalarType.Float32).unsqueeze(1);      // value = offset
        var resized = PositionResizing.Relative(table, 11);
        Assert.Equal([11, 1], resized.shape);
        Assert.Equal(0, resized[5, 0].item<float>(), 6);
        for (var i = 0; i < 11; i++)
            Assert.Equal(-resized[i, 0].item<float>(), resized[10 - i, 0].item<float>(), 5);
    }

    [Fact]
    public void Half_precision_tables_keep_their_type()
    {
        var resized = PositionResizing.Absolute(ones([1, 2, 2, 2, 3], dtype: ScalarType.BFloat16), 3);
        Assert.Equal(ScalarType.BFloat16, resized.dtype);
    }

    [Theory]
    [InlineData("vit.pos_embed", new long[] { 1, 2, 2, 2, 8 }, new long[] { 1, 3, 4, 5, 8 }, true)]
    [InlineData("vit.pos_embed", new long[] { 1, 2, 2, 2, 8 }, new long[] { 1, 3, 4, 5, 9 }, false)]
    [InlineData("attn.rel_pos_h", new long[] { 27, 64 }, new long[] { 15, 64 }, true)]
    [InlineData("attn.rel_pos_h", new long[] { 27, 64 }, new long[] { 15, 32 }, false)]
    [InlineData("attn.qkv", new long[] { 27, 64 }, new long[] { 15, 64 }, false)]
    public void Only_position_tables_of_the_same_width_can_be_resized(string name, long[] from, long[] to, bool expected) =>
        Assert.Equal(expected, PositionResizing.CanResize(name, from, to));

    [Fact]
    public void A_flat_table_of_a_cubic_grid_is_resized_as_that_grid()
    {
        var table = rand([1, 8, 3]);
        Size3 grid = new(3, 1, 2);
        Assert.True(PositionResizing.CanResize("vit.patch_embedding.position_embeddings", [1, 8, 3], [1, 6, 3], grid));
        var expected = PositionResizing.Absolute(table.reshape(1, 2, 2, 2, 3), grid).reshape(1, 6, 3);
        Assert.Equal(expected.data<float>().ToArray(), PositionResizing.Flat(table, grid).data<float>().ToArray());
        Assert.Equal(table.data<float>().ToArray(), PositionResizing.Flat(table, 2).data<float>().ToArray());
    }

    [Fact]
    public void A_flat_table_that_is_no_cube_does_not_tell_its_grid_and_is_not_resized()
    {
        Assert.False(PositionResizing.CanResize("patch_embedding.position_embeddings", [1, 9, 3], [1, 8, 3], 2));
        Assert.Throws<ArgumentException>(() => PositionResizing.Flat(rand([1, 9, 3]), 2));
    }
}
