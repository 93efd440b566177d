namespace SamMed3D.Transfer;

/// <summary>One load: what is to become of each tensor, whether that may be, and the copying.</summary>
internal sealed class LoadPlan
{
    private readonly Dictionary<string, Tensor> _state;
    private readonly HashSet<string> _buffers;
    private readonly IWeightSource _source;
    private readonly LoadPolicy _policy;
    private readonly string _encoderField;
    private readonly Size3? _grid;
    private readonly Backbone? _backbone;
    private readonly ModelFamily _encoder;
    private readonly InflationOptions? _inflation;
    private readonly ILookup<string, string> _targets;
    private string? _otherFamily;
    private readonly Dictionary<string, WeightFit> _fits = new(StringComparer.Ordinal);

    /// <param name="module">What is filled.</param>
    /// <param name="source">From what.</param>
    /// <param name="policy">What is allowed.</param>
    /// <param name="encoderField">The field of the module's encoder, with a dot; empty when the module is the encoder or has none.</param>
    /// <param name="inflation">How 2D weights are made 3D; null where they are not.</param>
    public LoadPlan(Module module, IWeightSource source, LoadPolicy policy, string encoderField, InflationOptions? inflation = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(source);
        _state = module.state_dict();
        _buffers = [.. module.named_buffers().Select(buffer => buffer.name)];
        _source = source;
        _policy = policy.Validated();
        _encoderField = encoderField;
        _inflation = inflation;
        _targets = _state.Keys.ToLookup(SourceName, StringComparer.Ordinal);
        _backbone = module as Backbone ?? module.named_children().Select(child => child.module).OfType<Backbone>().FirstOrDefault();
        _grid = _backbone?.Options.Grid;
        Family = WeightFamily.Recognise(source.Tensors);
        _encoder = WeightFamily.Recognise([.. _state.Select(pair => new WeightInfo(pair.Key, pair.Value.shape, pair.Value.dtype))]).Pattern?.Encoder
            ?? ModelFamily.Unknown;
    }

    /// <summary>What the source was recognised as.</summary>
    public WeightFamily Family { get; }

    /// <summary>The ledger of what is to be done; nothing is changed yet.</summary>
    /// <param name="keyMap">How the source's keys become the module's names.</param>
    /// <param name="asked">The prefix of the names that are asked for.</param>
    /// <param name="isMapGiven">Whether the caller knows better than the table which families fit together.</param>
    public LoadReport Make(KeyMap keyMap, string asked, bool isMapGiven)
    {
        _otherFamily = isMapGiven ? null
            : _inflation is null || _backbone is null ? Family.WhyRefused(_encoder)
            : Family.WhyNotInflated ?? _inflation.WhyRefused(_backbone.Options);
        var byName = new Dictionary<string, WeightInfo>(StringComparer.Ordinal);
        var sources = new List<SourceEntry>();
        foreach (var info in _source.Tensors)
        {
            string? part = keyMap.WhatIgnored(info.Name);
            string? name = keyMap.Apply(info.Name);
            if (part is null && name is not null && IsTarget(name, asked) && !byName.TryAdd(name, info))
                throw new ArgumentException($"{_source.Origin}: both {byName[name].Name} and {info.Name} are meant for {name}; map them apart.");
            var use = part is not null ? SourceUse.Ignored : IsTarget(name!, asked) ? SourceUse.Used : SourceUse.Unexpected;
            sources.Add(new SourceEntry(info.Name, use, info.Shape, info.DType.ToString())
            {
                Part = part, Targets = use == SourceUse.Used ? [.. _targets[name!]] : [],
            });
        }

        LoadEntry[] entries = [.. _state.Select(pair => Entry(pair.Key, pair.Value, byName.GetValueOrDefault(SourceName(pair.Key)), asked))];
        var byTarget = entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        return new LoadReport(_source.Origin, Family, entries, [.. sources.Select(source => Settled(source, byTarget))])
        {
            Sha256 = _source.Sha256, Policy = _policy, Inflation = _inflation,
        };
    }

    /// <summary>Why it may not be done, in half a sentence; null when it may.</summary>
    public string? WhyRefused(LoadReport report)
    {
        foreach (var (names, key) in new[] { (_policy.KeepInitial, "keepInitial"), (_policy.AllowMissing, "allowMissing") })
            if (names.FirstOrDefault(name => name != LoadPolicy.Decoder && !_state.Keys.Any(known => known.StartsWith(name, StringComparison.Ordinal))) is { } nothing)
                return $"start.load.{key} names '{nothing}', with which no tensor of the model begins; its names are such as {LoadReport.Some([.. _state.Keys])}";
        LoadEntry[] refused = [.. report.Entries.Where(entry => entry.Outcome == LoadOutcome.Refused)];
        if (_otherFamily is not null && refused.Any(entry => entry.How == AnotherModel))
            return _otherFamily;
        if (!report.Entries.Any(entry => entry.IsFilled || (entry.Outcome == LoadOutcome.Refused && entry.SourceKey is not null)))
            return $"none of its tensors fits the model by name; it was recognised as {Family.Name} ({Family.Reason})"
                + (Family.Pattern is { IsUnetr: false } && _encoderField.Length > 0 ? "; LoadEncoder loads an encoder" : "");
        LoadEntry[] misfits = [.. refused.Where(entry => entry.SourceKey is not null)];
        if (misfits.Length > 0)
            return $"{misfits.Length} tensors do not fit ({LoadReport.Some([.. misfits.Select(Misfit)])}); {Advice(misfits)}";
        if (refused.Length > 0)
            return $"{refused.Length} tensors are missing ({LoadReport.Some([.. refused.Select(entry => entry.Name)])}); "
                + "allow it with AllowMissing (start.load.allowMissing: names or 'decoder')";
        return report.Coverage < _policy.MinimumCoverage
            ? $"it fills {LoadReport.Percent(report.Coverage)} of the values asked for, less than the {LoadReport.Percent(_policy.MinimumCoverage)} "
                + "demanded by MinimumCoverage (start.load.minimumCoverage)"
            : null;
    }

    /// <summary>Copies the values. A damaged tensor is found while the module is still whole: every tensor is read once before any is copied.</summary>
    public void Fill(LoadReport report)
    {
        LoadEntry[] filled = [.. report.Entries.Where(entry => entry.IsFilled)];
        foreach (var entry in filled)
            _source.Read(entry.SourceKey!).Dispose();
        using var noGrad = no_grad();
        foreach (var entry in filled)
        {
            using var scope = NewDisposeScope();
            var values = _source.Read(entry.SourceKey!);
            if (_fits.TryGetValue(entry.Name, out var fit))
                values = fit.Apply(values);
            _state[entry.Name].copy_(values);
        }
    }

    private const string AnotherModel = "the source is of another model";

    private bool IsTarget(string name, string asked) => name.StartsWith(asked, StringComparison.Ordinal) && _targets.Contains(name);

    private string SourceName(string name) => _inflation is null ? name : WeightInflation.SourceName(name, _inflation.NewAxis);

    private LoadEntry Entry(string name, Tensor target, WeightInfo? info, string asked)
    {
        var entry = new LoadEntry(name, LoadOutcome.Loaded, target.shape)
        {
            Type = target.dtype.ToString(), IsBuffer = _buffers.Contains(name),
            SourceKey = info?.Name, SourceShape = info?.Shape, SourceType = info?.DType.ToString(),
        };
        if (!name.StartsWith(asked, StringComparison.Ordinal))
            return entry with { Outcome = LoadOutcome.Initialised, IsAsked = false, How = "not asked for" };
        if (Covers(_policy.KeepInitial, name))
            return entry with { Outcome = LoadOutcome.Initialised, IsAsked = false, How = "kept, as the policy says" };
        if (_otherFamily is not null)
            return entry with { Outcome = LoadOutcome.Refused, How = AnotherModel };
        if (info is null)
            return entry with { Outcome = Covers(_policy.AllowMissing, name) ? LoadOutcome.Initialised : LoadOutcome.Refused, How = "missing in the source" };
        if (IsFloating(target.dtype) && !IsFloating(info.DType))
            return entry with { Outcome = LoadOutcome.Refused, How = $"{info.DType} cannot be the weights of a {target.dtype} tensor" };
        if (_inflation is not null && WeightInflation.Find(name, info.Shape, target.shape, _grid, _inflation, _policy) is { } inflated)
        {
            _fits[name] = inflated;
            return entry with { Outcome = LoadOutcome.Inflated, How = inflated.How };
        }

        if (info.Shape.SequenceEqual(target.shape))
            return entry;
        if (WeightFit.Find(name, info.Shape, target.shape, _grid, _policy) is not { } fit)
            return entry with { Outcome = LoadOutcome.Refused, How = $"{LoadReport.Text(info.Shape)} does not fit {LoadReport.Text(target.shape)}" };
        _fits[name] = fit;
        return entry with { Outcome = LoadOutcome.Resized, How = fit.How };
    }

    /// <summary>What the ledger of the module says about a tensor that is meant for it.</summary>
    private static SourceEntry Settled(SourceEntry source, Dictionary<string, LoadEntry> byTarget)
    {
        LoadOutcome[] outcomes = [.. source.Targets.Select(name => byTarget[name].Outcome)];
        return outcomes.Length == 0 ? source
            : outcomes.Contains(LoadOutcome.Refused) ? source with { Use = SourceUse.Refused }
            : outcomes.All(outcome => outcome == LoadOutcome.Initialised) ? source with { Use = SourceUse.Ignored, Part = "kept initial, as the policy says" }
            : source;
    }

    private bool Covers(IReadOnlyList<string> prefixes, string name) => prefixes.Any(prefix =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        || (prefix == LoadPolicy.Decoder && _encoderField.Length > 0 && !name.StartsWith(_encoderField, StringComparison.Ordinal)));

    private static string Misfit(LoadEntry entry) =>
        $"{entry.Name} is {LoadReport.Text(entry.Shape)}, the file has {LoadReport.Text(entry.SourceShape)} of {entry.SourceType}";

    private string Advice(LoadEntry[] misfits)
    {
        string?[] settings = [.. misfits.Select(entry => WeightFit.WhatAllows(entry.Name, Inflated(entry), entry.Shape, _grid)).Distinct()];
        string sizes = Family.Architecture is null ? "the file's sizes" : $"the file's sizes ({Family.Architecture})";
        return settings.Contains(null)
            ? $"build the model with {sizes}, or name what may stay random in KeepInitial (start.load.keepInitial)"
            : $"allow it with {string.Join(" and ", settings)}, or build the model with {sizes}";
    }

    private IReadOnlyList<long> Inflated(LoadEntry entry) => _inflation is null
        ? entry.SourceShape!
        : WeightInflation.Shape(entry.Name, entry.SourceShape!, entry.Shape, _inflation.NewAxis);

    private static bool IsFloating(ScalarType type) => type is ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16;
}
