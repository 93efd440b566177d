namespace SamMed3D.Transfer;

/// <summary>
/// Computes a block without keeping what is inside, and again when its gradients are asked for (Chen et al., arXiv 1604.06174): only its input stays in memory
/// meanwhile. Outputs and gradients are the same to the bit, dropout too, where the operators are deterministic.
/// </summary>
internal sealed class CheckpointedBlock : autograd.SingleTensorFunction<CheckpointedBlock>
{
    private const string BlockKey = "block";

    /// <inheritdoc/>
    public override string Name => nameof(CheckpointedBlock);

    /// <summary>Runs a block; as usual where no gradient will be asked for.</summary>
    /// <param name="block">The block.</param>
    /// <param name="input">What it takes.</param>
    /// <returns>What it gives; the caller owns it.</returns>
    public static Tensor Run(Module<Tensor, Tensor> block, Tensor input)
    {
        if (!is_grad_enabled() || !(input.requires_grad || block.parameters().Any(parameter => parameter.requires_grad)))
            return block.call(input);
        // Everything random in a block is drawn by the CPU's generator (see LoraLinear).
        using var random = get_rng_state();
        if (input.requires_grad)
            return apply(block, input, random);
        // Backward is only ever called for inputs that want a gradient.
        using var wanting = input.detach();
        return apply(block, wanting.requires_grad_(), random);
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ArgumentNullException.ThrowIfNull(vars);
        var (block, input) = ((Module<Tensor, Tensor>)vars[0], (Tensor)vars[1]);
        ctx.save_data(BlockKey, block);
        ctx.save_for_backward([input, (Tensor)vars[2]]);
        // With a graph, which goes at once: LibTorch has another attention where none is built, and its last bits differ.
        using var scope = NewDisposeScope();
        using var graph = enable_grad();
        return block.call(input.detach().requires_grad_()).detach().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ArgumentNullException.ThrowIfNull(grad_output);
        using var scope = NewDisposeScope();
        var block = (Module<Tensor, Tensor>)ctx.get_data(BlockKey);
        var saved = ctx.get_saved_variables();
        var input = saved[0].detach().requires_grad_();
        using (enable_grad())
            Again(block, input, saved[1]).backward([grad_output]);

        return [null!, input.grad!.MoveToOuterDisposeScope(), null!];
    }

    /// <summary>The block's output with its graph, from the random numbers that it had the first time.</summary>
    private static Tensor Again(Module<Tensor, Tensor> block, Tensor input, Tensor random)
    {
        using var now = get_rng_state();
        set_rng_state(random);
        try
        {
            return block.call(input);
        }
        finally
        {
            set_rng_state(now);
        }
    }
}
