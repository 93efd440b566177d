using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>
/// What of a model learns, from which step, how fast, and with weight decay or without; this class alone decides. Weights of linear layers and
/// convolutions are decayed; biases, norms and position tables are not: pulling them to 0 limits nothing but the fit. Rates may fall
/// from layer to layer towards the input (Bao et al. 2021, arXiv 2106.08254).
/// </summary>
public sealed class ParameterGroups
{
    private readonly bool[] _wanted;

    private static readonly string[] PositionTables = ["pos_embed", "rel_pos", "position_embedding", "depth_embed"];

    /// <param name="model">The model; parameters that want no gradient now never learn.</param>
    /// <param name="freezing">What is frozen, and how long; null for nothing.</param>
    /// <param name="layerRateDecay">The rate of a layer as a share of the next one's towards the output; head and neck have the full rate.</param>
    /// <exception cref="ArgumentException">The freezing does not fit the model's encoder.</exception>
    public ParameterGroups(Module model, FreezingOptions? freezing = null, double layerRateDecay = 1)
        : this(model, new TrainingOptions { Freezing = freezing ?? new FreezeNothing(), LayerRateDecay = layerRateDecay })
    {
    }

    /// <param name="model">The model; parameters that want no gradient now never learn.</param>
    /// <param name="options">What is frozen, which rates differ, what is decayed.</param>
    /// <exception cref="ArgumentException">The freezing does not fit the model's encoder.</exception>
    public ParameterGroups(Module model, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var freezing = options.Freezing;
        var encoder = EncoderField.Of(model);
        if (encoder is null && freezing is not FreezeNothing)
            throw new ArgumentException($"Expected a model with one encoder to freeze, got {model.GetName()}, which has none or several.", nameof(options));
        if (encoder is not null && freezing.WhyRefused(encoder.Encoder.Options.BlockCount) is { } reason)
            throw new ArgumentException($"Freezing {reason}.", nameof(options));
        All = [.. model.named_parameters().Select(named =>
        {
            var place = ParameterPlace.Of(named.name, encoder);
            bool isUnused = IsUnused(model, place);
            return new LearningParameter(named.name, named.parameter, place)
            {
                IsUnused = isUnused,
                LearnsFrom = isUnused || !named.parameter.requires_grad ? null : freezing.LearnsFrom(place),
                IsDecayed = options.DecaysEverything || IsDecayed(named.name, named.parameter.ndim),
                RateFraction = place.Part is ModelPart.Prompts or ModelPart.Head ? options.HeadShare : Math.Pow(options.LayerRateDecay, place.Depth),
            };
        })];
        _wanted = [.. All.Select(one => one.Parameter.requires_grad)];
    }

    /// <summary>Every parameter of the model, in its order.</summary>
    public IReadOnlyList<LearningParameter> All { get; }

    /// <summary>What learns at some step with weight decay.</summary>
    public IEnumerable<LearningParameter> Decayed => All.Where(one => one is { LearnsFrom: not null, IsDecayed: true });

    /// <summary>What learns at some step without weight decay: biases, norms and position tables.</summary>
    public IEnumerable<LearningParameter> Undecayed => All.Where(one => one is { LearnsFrom: not null, IsDecayed: false });

    /// <summary>What never learns.</summary>
    public IEnumerable<LearningParameter> Frozen => All.Where(one => one.LearnsFrom is null);

    /// <summary>Everything that learns at some step.</summary>
    public IEnumerable<Parameter> Trained => All.Where(one => one.LearnsFrom is not null).Select(one => one.Parameter);

    /// <summary>What learns of each part of the model, with numbers.</summary>
    public ParameterTable Table => ParameterTable.Of(All);

    /// <summary>Whether a parameter gets weight decay.</summary>
    /// <param name="name">Its name in the state dict.</param>
    /// <param name="dimensions">Its number of axes. The scales of norms and nearly all biases have one.</param>
    public static bool IsDecayed(string name, long dimensions)
    {
        ArgumentNullException.ThrowIfNull(name);
        string last = name[(name.LastIndexOf('.') + 1)..];
        return dimensions > 1 && last != "bias" && !PositionTables.Any(table => last.StartsWith(table, StringComparison.Ordinal));
    }

    /// <summary>Lets exactly those parameters want gradients that learn in a step: a function of the step alone, so that a run can be resumed.</summary>
    /// <param name="step">Counted from 0.</param>
    public void Apply(long step)
    {
        foreach (var one in All)
        {
            bool learns = one.LearnsFrom <= step;
            if (one.Parameter.requires_grad != learns)
                one.Parameter.requires_grad = learns;
        }
    }

    /// <summary>Lets everything want gradients that did before <see cref="Apply"/>.</summary>
    public void Release()
    {
        foreach (var (one, wanted) in All.Zip(_wanted))
            one.Parameter.requires_grad = wanted;
    }

    /// <summary>AdamW (Loshchilov and Hutter 2019) over all that learns at some step. Build it after the model is on its device; the caller owns it.</summary>
    /// <exception cref="ArgumentException">Nothing learns.</exception>
    public AdamW CreateAdamW(TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Trained.Any())
            throw new ArgumentException("The model has no parameter that wants a gradient; unfreeze what is to be trained.");
        // TorchSharp's defaults of a group come from its own options: state everything.
        return optim.AdamW(
            [.. Groups.Select(group => new AdamW.ParamGroup(
                [.. group.Select(one => one.Parameter)], lr: options.LearningRate * group.Key.RateFraction,
                weight_decay: group.Key.IsDecayed ? options.WeightDecay : 0))],
            lr: options.LearningRate, weight_decay: options.WeightDecay);
    }

    /// <summary>Sets the rate of every group that <see cref="CreateAdamW"/> made.</summary>
    /// <param name="optimizer">Made by it.</param>
    /// <param name="rate">The full rate.</param>
    public void SetRate(AdamW optimizer, double rate)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        foreach (var (group, mine) in optimizer.ParamGroups.Zip(Groups))
            group.LearningRate = rate * mine.Key.RateFraction;
    }

    /// <summary>How much is decayed, not decayed and frozen, in three lines.</summary>
    public override string ToString() => string.Join('\n',
        new[] { ("with weight decay", Decayed), ("without weight decay", Undecayed), ("frozen", Frozen) }.Select(row =>
            string.Create(
            CultureInfo.InvariantCulture, $"{row.Item1}: {row.Item2.Count()} tensors, {row.Item2.Sum(one => one.Parameter.numel()):N0} values")));

    /// <summary>What shares a rate and a decay; the decayed ones of a rate first.</summary>
    private IEnumerable<IGrouping<(double RateFraction, bool IsDecayed), LearningParameter>> Groups => All
        .Where(one => one.LearnsFrom is not null)
        .GroupBy(one => (one.RateFraction, one.IsDecayed))
        .OrderByDescending(group => group.Key.RateFraction).ThenByDescending(group => group.Key.IsDecayed);

    /// <summary>A UNETR reads tapped blocks: what follows them computes nothing for it.</summary>
    private static bool IsUnused(Module model, ParameterPlace place) => model is Unetr { Options.Taps: var taps } && place.Part switch
    {
        ModelPart.Block => place.Block > taps.Max(tap => tap.Block),
        ModelPart.Neck => !taps.Any(tap => tap.IsNormalized),
        _ => false,
    };
}
