namespace SamMed3D.Transfer.Tests;

public sealed class AxisCheckTests
{
    [Fact]
    public void All_48_orders_are_tried_once_and_the_files_own_is_among_them()
    {
        var orders = AxisCheck.All().ToList();
        Assert.Equal(48, orders.Distinct().Count());
        Assert.Contains(Orientation.Canonical, orders);
    }

    [Theory]
    [InlineData(AxisVerdict.Right, "RAS", 0.6, "LAS", 0.59)]
    [InlineData(AxisVerdict.Undecided, "LAS", 0.6, "RAS", 0.585)]
    [InlineData(AxisVerdict.Wrong, "RAI", 0.6, "RAS", 0.57)]
    [InlineData(AxisVerdict.Unknown, "RAS", 0.09, "LAS", 0.01)]
    public void The_verdict_compares_the_best_order_with_the_files_own(AxisVerdict verdict, string first, double firstDice, string second, double secondDice) =>
        Assert.Equal(verdict, AxisCheck.Judge([new AxisScore(Orientation.Parse(first), firstDice), new AxisScore(Orientation.Parse(second), secondDice)]));

    [Fact]
    public void A_turned_region_is_what_reorientation_makes_of_it()
    {
        using var labels = new LabelVolume(arange(27, ScalarType.Int32).reshape(3, 3, 3), Geometry.Create(3, new Double3(1, 1, 1)));
        foreach (var order in AxisCheck.All())
        {
            using var expected = Reorientation.To(labels, order);
            var (permutation, flipped) = AxisCheck.Turn(order);
            using var turned = AxisCheck.Turned(labels.Values, permutation, flipped);
            Assert.True(turned.equal(expected.Values).all().item<bool>(), order.Code);
        }
    }
}
