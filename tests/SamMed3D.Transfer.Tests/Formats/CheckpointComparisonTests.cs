namespace SamMed3D.Transfer.Tests;

public sealed class CheckpointComparisonTests
{
    [Fact]
    public void Every_tensor_is_equal_different_or_only_on_one_side()
    {
        using var scope = NewDisposeScope();
        var comparison = Compare(
            new() { ["same"] = arange(4f), ["shape"] = ones(2, 3), ["type"] = ones(2), ["values"] = tensor(new[] { 1f, 2, 3, 4 }), ["gone"] = ones(1) },
            new() { ["new"] = ones(1), ["same"] = arange(4f), ["shape"] = ones(3, 2), ["type"] = ones(2, ScalarType.Float64), ["values"] = tensor(new[] { 1f, 2.5f, 3, 1 }) });

        Assert.False(comparison.AreEqual);
        Assert.Equal(1, comparison.EqualCount);
        Assert.Equal("gone", Assert.Single(comparison.OnlyInFirst).Name);
        Assert.Equal("new", Assert.Single(comparison.OnlyInSecond).Name);
        Assert.Equal(
            [("shape", null, null), ("type", 0L, 0d), ("values", 2L, 3d)],
            comparison.Different.Select(difference => (difference.First.Name, difference.DifferingCount, difference.LargestDifference)));
    }

    [Fact]
    public void Order_does_not_matter_and_equal_nans_are_equal()
    {
        using var scope = NewDisposeScope();
        Assert.True(Compare(
            new() { ["a"] = tensor(new[] { float.NaN, float.PositiveInfinity }), ["b"] = zeros(0, 3) },
            new() { ["b"] = zeros(0, 3), ["a"] = tensor(new[] { float.NaN, float.PositiveInfinity }) }).AreEqual);
    }

    [Theory]
    [InlineData(0f, -0f, 0, 0)]
    [InlineData(1f, float.NaN, 1, double.PositiveInfinity)]
    [InlineData(1f, float.PositiveInfinity, 1, double.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity, 1, double.PositiveInfinity)]
    public void Signed_zeros_NaN_and_infinities_are_told_apart(float one, float other, long count, double largest)
    {
        using var scope = NewDisposeScope();
        var difference = Assert.Single(Compare(new() { ["a"] = tensor(new[] { 1f, one }) }, new() { ["a"] = tensor(new[] { 1f, other }) }).Different);
        Assert.Equal(count, difference.DifferingCount);
        Assert.Equal(largest, difference.LargestDifference);
    }

    [Fact]
    public void Large_integers_and_late_pieces_of_large_tensors_are_compared_exactly()
    {
        using var scope = NewDisposeScope();
        var large = zeros((1 << 20) + 5, dtype: ScalarType.Int64);
        var changed = large.clone();
        large[-1] = 1L << 60;
        changed[-1] = (1L << 60) + 1;
        Assert.Equal(1, Assert.Single(Compare(new() { ["a"] = large }, new() { ["a"] = changed }).Different).DifferingCount);
    }

    private static CheckpointComparison Compare(Dictionary<string, Tensor> first, Dictionary<string, Tensor> second) =>
        CheckpointComparison.Of(new MemoryWeights(first), new MemoryWeights(second));
}
