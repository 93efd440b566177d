using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>
/// Which parameters of a model get weight decay. Weights of linear layers and convolutions do; biases, norms and position tables don't:
/// pulling them to 0 limits nothing but the fit. This class alone decides.
/// </summary>
public sealed class ParameterGroups
{
    private static readonly string[] PositionTables = ["pos_embed", "rel_pos", "position_embedding", "depth_embed"];

    /// <param name="model">The model; parameters that want no gradient are frozen and belong to no group.</param>
    public ParameterGroups(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var parameters = model.named_parameters().ToList();
        var trained = parameters.Where(named => named.parameter.requires_grad).ToLookup(named => IsDecayed(named.name, named.parameter.ndim));
        Decayed = [.. trained[true]];
        Undecayed = [.. trained[false]];
        Frozen = [.. parameters.Where(named => !named.parameter.requires_grad)];
    }

    /// <summary>Trained with weight decay.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Decayed { get; }

    /// <summary>Trained without weight decay: biases, norms and position tables.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Undecayed { get; }

    /// <summary>Not trained.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Frozen { get; }

    /// <summary>Everything that is trained.</summary>
    public IEnumerable<Parameter> Trained => Decayed.Concat(Undecayed).Select(named => named.Parameter);

    /// <summary>Whether a parameter gets weight decay.</summary>
    /// <param name="name">Its name in the state dict.</param>
    /// <param name="dimensions">Its number of axes. The scales of norms and nearly all biases have one.</param>
    public static bool IsDecayed(string name, long dimensions)
    {
        ArgumentNullException.ThrowIfNull(name);
        string last = name[(name.LastIndexOf('.') + 1)..];
        return dimensions > 1 && last != "bias" && !PositionTables.Any(table => last.StartsWith(table, StringComparison.Ordinal));
    }

    /// <summary>AdamW (Loshchilov and Hutter 2019) over both groups. Build it after the model is on its device; the caller owns it.</summary>
    /// <exception cref="ArgumentException">Nothing is trained.</exception>
    public AdamW CreateAdamW(TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Trained.Any())
            throw new ArgumentException("The model has no parameter that wants a gradient; unfreeze what is to be trained.");
        // TorchSharp's defaults of a group come from its own options: state everything.
        AdamW.ParamGroup Group(IEnumerable<(string Name, Parameter Parameter)> named, double decay) =>
            new([.. named.Select(pair => pair.Parameter)], lr: options.LearningRate, weight_decay: decay);
        return optim.AdamW(
            new[] { Group(Decayed, options.WeightDecay), Group(Undecayed, 0) }.Where(group => group.Parameters.Any()).ToArray(),
            lr: options.LearningRate, weight_decay: options.WeightDecay);
    }

    /// <summary>One line a group: tensors and values.</summary>
    public override string ToString()
    {
        static string Line(string name, IReadOnlyList<(string Name, Parameter Parameter)> group) => string.Create(CultureInfo.InvariantCulture,
            $"{name}: {group.Count} tensors, {group.Sum(named => named.Parameter.numel()):N0} values");
        return $"{Line("with weight decay", Decayed)}\n{Line("without weight decay", Undecayed)}\n{Line("frozen", Frozen)}";
    }
}
