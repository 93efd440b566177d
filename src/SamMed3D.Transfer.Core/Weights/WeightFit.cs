namespace SamMed3D.Transfer;

/// <summary>How a stored tensor becomes a parameter of another shape.</summary>
/// <param name="How">In words, for the ledger.</param>
/// <param name="Apply">Gives the new values; the caller owns them.</param>
internal sealed record WeightFit(string How, Func<Tensor, Tensor> Apply)
{
    /// <summary>The way that the policy allows; null where there is none.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="from">The stored sizes.</param>
    /// <param name="to">The parameter's sizes.</param>
    /// <param name="grid">The tokens that the encoder is built for; null when there is no encoder.</param>
    /// <param name="policy">What is allowed.</param>
    public static WeightFit? Find(string name, IReadOnlyList<long> from, IReadOnlyList<long> to, Size3? grid, LoadPolicy policy)
    {
        if (policy.ResizePositions && PositionResizing.CanResize(name, from, to, grid))
            return new(PositionResizing.Describe(to), values => PositionResizing.Resize(values, to, grid));
        if (policy.InputChannels != InputChannelPolicy.Refuse && InputChannels.CanAdapt(name, from, to))
            return new(InputChannels.Describe(from[1], to[1], policy.InputChannels), values => InputChannels.Adapt(values, (int)to[1], policy.InputChannels));
        return null;
    }

    /// <summary>This, and another on what it gives.</summary>
    public WeightFit Then(WeightFit next) => new($"{How}; {next.How}", values =>
    {
        using var first = Apply(values);
        return next.Apply(first);
    });

    /// <summary>Which setting of the policy would allow it; null where none would.</summary>
    public static string? WhatAllows(string name, IReadOnlyList<long> from, IReadOnlyList<long> to, Size3? grid) =>
        PositionResizing.CanResize(name, from, to, grid) ? "ResizePositions (start.load.resizePositions: true)"
        : InputChannels.CanAdapt(name, from, to) ? "InputChannels (start.load.inputChannels: mean-preserving)"
        : null;
}
