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
