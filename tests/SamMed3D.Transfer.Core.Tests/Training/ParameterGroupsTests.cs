using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace SamMed3D.Transfer.Tests;

public sealed class ParameterGroupsTests
{
    [Theory]
    [InlineData("blocks.0.attn.qkv.weight", 2, true)]
    [InlineData("patch_embed.proj.weight", 5, true)]
    [InlineData("decoder5.transp_conv.conv.weight", 5, true)]
    [InlineData("blocks.0.attn.qkv.bias", 1, false)]
    [InlineData("blocks.0.norm1.weight", 1, false)]
    [InlineData("slice.bias", 5, false)]
    [InlineData("pos_embed", 5, false)]
    [InlineData("blocks.2.attn.rel_pos_d", 2, false)]
    [InlineData("vit.patch_embedding.position_embeddings", 3, false)]
    [InlineData("depth_embed", 3, false)]
    public void Weights_decay_and_biases_norms_and_position_tables_do_not(string name, long dimensions, bool isDecayed) =>
        Assert.Equal(isDecayed, ParameterGroups.IsDecayed(name, dimensions));

    [Fact]
    public void The_optimizer_has_the_decay_of_each_group_and_leaves_frozen_parameters_out()
    {
        using var model = Sequential(("conv", Conv3d(1, 2, 3)), ("norm", GroupNorm(1, 2)), ("out", Conv3d(2, 3, 1)));
        model.get_parameter("out.bias")!.requires_grad = false;
        var groups = new ParameterGroups(model);
        using var optimizer = groups.CreateAdamW(new TrainingOptions { WeightDecay = 0.05 });

        Assert.Equal(["conv.weight", "out.weight"], groups.Decayed.Select(named => named.Name));
        Assert.Equal(["conv.bias", "norm.weight", "norm.bias"], groups.Undecayed.Select(named => named.Name));
        Assert.Equal(["out.bias"], groups.Frozen.Select(named => named.Name));
        Assert.Equal(
            "with weight decay: 2 tensors, 60 values\nwithout weight decay: 3 tensors, 6 values\nfrozen: 1 tensors, 3 values",
            groups.ToString());
        Assert.Equal([2, 3], optimizer.ParamGroups.Cast<TorchSharp.Modules.ParamGroup>().Select(group => group.Parameters.Count()));
    }

    [Fact]
    public void Decay_shrinks_weights_that_have_no_gradient_to_follow_and_spares_norms()
    {
        using var model = Sequential(("conv", Conv3d(1, 2, 3)), ("norm", GroupNorm(1, 2)));
        using var scope = NewDisposeScope();
        float[] Values(string name) => model.get_parameter(name)!.data<float>().ToArray();
        float[] weight = Values("conv.weight"), bias = Values("conv.bias"), scale = Values("norm.weight");
        using var optimizer = new ParameterGroups(model).CreateAdamW(new TrainingOptions { WeightDecay = 0.5, LearningRate = 0.1 });
        // Not by a backward pass: LibTorch's 3x3x3 convolution of 2 channels gives NaN now and then (see PaddedConvolution).
        foreach (var parameter in model.parameters())
            parameter.grad = zeros_like(parameter);

        optimizer.step();

        Assert.Equal(weight.Select(value => value * 0.95f), Values("conv.weight"), (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal(bias, Values("conv.bias"));
        Assert.Equal(scale, Values("norm.weight"));
    }

    [Fact]
    public void A_step_is_the_optimizer_s_own_to_the_bit_and_leaves_nothing_behind()
    {
        // TorchSharp's own step leaves its scalars to the collector.
        ScalarGuard.Install();
        using var model = Sequential(("conv", Conv3d(1, 2, 3)), ("norm", GroupNorm(1, 2)), ("out", Conv3d(2, 3, 1)));
        using var other = Sequential(("conv", Conv3d(1, 2, 3)), ("norm", GroupNorm(1, 2)), ("out", Conv3d(2, 3, 1)));
        other.load_state_dict(model.state_dict());
        var options = new TrainingOptions { WeightDecay = 0.05, LearningRate = 0.01 };
        using AdamW own = new ParameterGroups(model).CreateAdamW(options), theirs = new ParameterGroups(other).CreateAdamW(options);
        using var generator = new Generator(3);
        for (int step = 0; step < 6; step++)
        {
            using var scope = NewDisposeScope();
            foreach (var (one, same) in model.parameters().Zip(other.parameters()))
            {
                // One parameter without a gradient at first, as in gradual unfreezing.
                if (step < 2 && one.shape.Length == 1)
                    continue;
                var gradient = randn(one.shape, generator: generator);
                (one.grad, same.grad) = (gradient, gradient.clone());
            }

            long before = LiveTensors.Before();
            AdamWUpdate.Step(own);
            Assert.Equal(before, LiveTensors.Now);
            theirs.step();
            foreach (var (one, same) in model.parameters().Zip(other.parameters()))
                Assert.True(one.equal(same).all().item<bool>());
        }

        AdamW.State State(AdamW optimizer) => (AdamW.State)optimizer.state_dict().State[0];
        Assert.Equal((6L, 6L), (State(own).step, State(theirs).step));
    }
}
