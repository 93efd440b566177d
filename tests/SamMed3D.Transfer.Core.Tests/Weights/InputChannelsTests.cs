namespace SamMed3D.Transfer.Tests;

public sealed class InputChannelsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(InputChannelPolicy.MeanPreserving)]
    [InlineData(InputChannelPolicy.Replicate)]
    [InlineData(InputChannelPolicy.Refuse)]
    public void Equal_numbers_of_channels_give_equal_values_in_a_new_tensor(InputChannelPolicy policy)
    {
        var kernel = rand([4, 2, 3, 3, 3]);
        var same = InputChannels.Adapt(kernel, 2, policy);
        Assert.Equal(kernel.data<float>().ToArray(), same.data<float>().ToArray());
        same.zero_();
        Assert.NotEqual(0, kernel.sum().item<float>());
    }

    [Fact]
    public void Mean_preserving_the_layer_sees_the_mean_of_the_channels()
    {
        var (kernel, volume) = (rand([4, 1, 2, 2, 2]), rand([1, 3, 4, 4, 4]));
        AssertClose(Convolve(volume.mean([1], keepdim: true), kernel), Convolve(volume, InputChannels.Adapt(kernel, 3, InputChannelPolicy.MeanPreserving)));
    }

    [Fact]
    public void Replicated_the_layer_sees_the_sum_of_the_channels()
    {
        var (kernel, volume) = (rand([4, 1, 2, 2, 2]), rand([1, 3, 4, 4, 4]));
        AssertClose(Convolve(volume.sum([1], keepdim: true), kernel), Convolve(volume, InputChannels.Adapt(kernel, 3, InputChannelPolicy.Replicate)));
    }

    [Theory]
    [InlineData(InputChannelPolicy.MeanPreserving)]
    [InlineData(InputChannelPolicy.Replicate)]
    public void From_one_to_several_and_back_is_the_same_kernel(InputChannelPolicy policy)
    {
        var kernel = rand([4, 1, 2, 2, 2]);
        AssertClose(kernel, InputChannels.Adapt(InputChannels.Adapt(kernel, 4, policy), 1, policy));
    }

    [Fact]
    public void From_several_to_one_a_grey_volume_gives_the_same_output()
    {
        var (kernel, volume) = (rand([4, 3, 2, 2, 2]), rand([1, 1, 4, 4, 4]));
        AssertClose(Convolve(volume.expand(-1, 3, -1, -1, -1), kernel), Convolve(volume, InputChannels.Adapt(kernel, 1, InputChannelPolicy.MeanPreserving)));
    }

    [Fact]
    public void Half_precision_kernels_keep_their_type() =>
        Assert.Equal(ScalarType.BFloat16, InputChannels.Adapt(ones([2, 1, 1, 1, 1], dtype: ScalarType.BFloat16), 3, InputChannelPolicy.MeanPreserving).dtype);

    [Fact]
    public void From_two_channels_to_three_there_is_no_way() =>
        Assert.Contains("one of the two must be 1", Assert.Throws<ArgumentException>(
            () => InputChannels.Adapt(rand([4, 2, 2, 2, 2]), 3, InputChannelPolicy.MeanPreserving)).Message);

    [Theory]
    [InlineData("vit.patch_embed.proj.weight", new long[] { 8, 1, 4, 4, 4 }, new long[] { 8, 3, 4, 4, 4 }, true)]
    [InlineData("patch_embedding.patch_embeddings.weight", new long[] { 8, 4, 4, 4, 4 }, new long[] { 8, 1, 4, 4, 4 }, true)]
    [InlineData("encoder1.layer.conv1.conv.weight", new long[] { 8, 1, 3, 3, 3 }, new long[] { 8, 2, 3, 3, 3 }, true)]
    [InlineData("vit.patch_embed.proj.weight", new long[] { 8, 1, 4, 4, 4 }, new long[] { 8, 3, 8, 8, 8 }, false)]
    [InlineData("vit.patch_embed.proj.weight", new long[] { 8, 3, 4, 4 }, new long[] { 8, 1, 4, 4, 4 }, false)]
    [InlineData("decoder2.conv_block.conv1.conv.weight", new long[] { 8, 1, 4, 4, 4 }, new long[] { 8, 3, 4, 4, 4 }, false)]
    [InlineData("patch_embedding.patch_embeddings.1.weight", new long[] { 8, 512 }, new long[] { 8, 4096 }, false)]
    public void Only_kernels_that_see_the_volume_are_adapted(string name, long[] from, long[] to, bool expected) =>
        Assert.Equal(expected, InputChannels.CanAdapt(name, from, to));

    private static Tensor Convolve(Tensor volume, Tensor kernel) =>
        nn.functional.conv3d(volume.to(ScalarType.Float64), kernel.to(ScalarType.Float64), strides: [2, 2, 2]);

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().to(ScalarType.Float64).item<double>() < 1e-5);
    }
}
