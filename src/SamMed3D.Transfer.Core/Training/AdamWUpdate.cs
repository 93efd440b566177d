namespace SamMed3D.Transfer;

/// <summary>
/// A step of AdamW (Loshchilov and Hutter 2019), to the bit TorchSharp's own. That one keeps the temporaries of a whole group until the group is done, twice what
/// learns, and lets the collector free the scalars that native code is about to read (<see cref="ScalarGuard"/>); here one parameter's temporary lives at
/// a time, and scalars live as long as the call that reads them.
/// </summary>
internal static class AdamWUpdate
{
    /// <param name="optimizer">Without AMSGrad, minimizing.</param>
    public static void Step(AdamW optimizer)
    {
        using var noGradient = no_grad();
        var states = optimizer.state_dict();
        foreach (var (group, indices) in optimizer.ParamGroups.Cast<AdamW.ParamGroup>().Zip(states.StateIndexRef))
        {
            var options = (AdamW.Options)group.Options;
            foreach (var (parameter, index) in group.Parameters.Zip(indices))
            {
                using var gradient = parameter.grad;
                if (gradient is not null)
                    Update(parameter, gradient, (AdamW.State)states.State[index], options, group.LearningRate);
            }
        }
    }

    private static void Update(Tensor parameter, Tensor gradient, AdamW.State state, AdamW.Options options, double rate)
    {
        using var scope = NewDisposeScope();
        double first = options.beta1!.Value, second = options.beta2!.Value;
        state.step++;
        using Scalar kept = 1 - rate * options.weight_decay!.Value, firstKept = first, firstNew = 1 - first, secondKept = second, secondNew = 1 - second;
        using Scalar correction = Math.Sqrt(1 - Math.Pow(second, state.step)), epsilon = options.eps!.Value;
        using Scalar change = -(rate / (1 - Math.Pow(first, state.step)));
        parameter.mul_(kept);
        state.exp_avg.mul_(firstKept).add_(gradient, firstNew);
        state.exp_avg_sq.mul_(secondKept).addcmul_(gradient, gradient, secondNew);
        using var denominator = state.exp_avg_sq.sqrt();
        denominator.div_(correction).add_(epsilon);
        parameter.addcdiv_(state.exp_avg, denominator, change);
    }
}
