namespace SamMed3D.Transfer;

/// <summary>Loads weights into modules by name and shape. Everything is checked before the first value is copied.</summary>
public static class WeightLoader
{
    /// <summary>Loads a whole module.</summary>
    /// <param name="module">The module; it may be on any device and have any floating-point type.</param>
    /// <param name="source">The weights.</param>
    /// <param name="keyMap">How the source's keys become the module's names; null keeps them.</param>
    /// <param name="policy">What is allowed; null allows nothing but equal shapes for every parameter.</param>
    /// <returns>What became of every tensor.</returns>
    /// <exception cref="WeightsRefusedException">The weights do not fit; the module is unchanged.</exception>
    /// <exception cref="InvalidDataException">The source is damaged; the module is unchanged.</exception>
    public static LoadReport Load(Module module, IWeightSource source, KeyMap? keyMap = null, LoadPolicy? policy = null) =>
        Load(module, source, keyMap ?? KeyMap.Identity, policy ?? LoadPolicy.Refuse, asked: string.Empty);

    /// <summary>Loads SAM-Med3D's image encoder into an encoder, or into the one encoder that a module (such as a UNETR) is built on.</summary>
    /// <param name="module">A <see cref="Backbone"/>, or a module with one as a field.</param>
    /// <param name="source">A SAM-Med3D checkpoint, the whole model or its encoder alone.</param>
    /// <param name="policy">What is allowed; null allows nothing but equal shapes for every parameter of the encoder.</param>
    /// <returns>What became of every tensor; those outside of the encoder are <see cref="LoadOutcome.NotAsked"/>.</returns>
    /// <exception cref="ArgumentException">The module has no encoder, or several.</exception>
    /// <exception cref="WeightsRefusedException">The weights do not fit; the module is unchanged.</exception>
    /// <exception cref="InvalidDataException">The source is damaged; the module is unchanged.</exception>
    public static LoadReport LoadEncoder(Module module, IWeightSource source, LoadPolicy? policy = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        policy ??= LoadPolicy.Refuse;
        if (module is Backbone)
            return Load(module, source, SamMed3DKeys.ToEncoder, policy, asked: string.Empty);
        string[] fields = [.. module.named_children().Where(child => child.module is Backbone).Select(child => child.name)];
        if (fields is not [var field])
            throw new ArgumentException(
                $"Expected a module with one encoder, got {module.GetName()} with {fields.Length}; give the encoder itself.", nameof(module));
        return Load(module, source, SamMed3DKeys.ToEncoder.Under(field + "."), policy, asked: field + ".");
    }

    private static LoadReport Load(Module module, IWeightSource source, KeyMap keyMap, LoadPolicy policy, string asked)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(source);
        policy = policy.Validated();
        var state = module.state_dict();
        var report = Plan(state, source, keyMap, policy, asked);
        if (WhyRefused(report, policy) is { } reason)
            throw new WeightsRefusedException($"{source.Origin} was not loaded: {reason}", report);
        LoadEntry[] filled = [.. report.Entries.Where(entry => entry.IsFilled)];
        // A damaged tensor must be found while the module is still whole, so every tensor is read once before any is copied.
        foreach (var entry in filled)
            source.Read(entry.SourceKey!).Dispose();
        using var noGrad = no_grad();
        foreach (var entry in filled)
            Fill(state[entry.Name], source, entry);
        return report;
    }

    private static LoadReport Plan(Dictionary<string, Tensor> state, IWeightSource source, KeyMap keyMap, LoadPolicy policy, string asked)
    {
        var byName = new Dictionary<string, WeightInfo>(StringComparer.Ordinal);
        List<string> unexpected = [], dropped = [];
        foreach (var info in source.Tensors)
            if (keyMap.Apply(info.Name) is not { } name)
                dropped.Add(info.Name);
            else if (!name.StartsWith(asked, StringComparison.Ordinal) || !state.ContainsKey(name))
                unexpected.Add(info.Name);
            else if (!byName.TryAdd(name, info))
                throw new ArgumentException($"{source.Origin}: both {byName[name].Name} and {info.Name} are meant for {name}; map them apart.");
        var entries = state.Select(pair => Entry(pair.Key, pair.Value.shape, byName.GetValueOrDefault(pair.Key), policy, asked));
        return new LoadReport(source.Origin, [.. entries], unexpected, dropped);
    }

    private static LoadEntry Entry(string name, long[] shape, WeightInfo? info, LoadPolicy policy, string asked)
    {
        if (info is null)
            return new LoadEntry(name, name.StartsWith(asked, StringComparison.Ordinal) ? LoadOutcome.Missing : LoadOutcome.NotAsked, shape);
        var outcome = info.Shape.SequenceEqual(shape) ? LoadOutcome.Loaded
            : policy.ResizePositions && PositionResizing.CanResize(name, info.Shape, shape) ? LoadOutcome.Resized
            : LoadOutcome.Mismatched;
        return new LoadEntry(name, outcome, shape, info.Name, info.Shape, info.DType.ToString());
    }

    private static string? WhyRefused(LoadReport report, LoadPolicy policy)
    {
        LoadEntry[] mismatched = [.. report.Entries.Where(entry => entry.Outcome == LoadOutcome.Mismatched)];
        if (mismatched.Length > 0)
            return $"{mismatched.Length} tensors have another shape ("
                + LoadReport.Some([.. mismatched.Select(entry => $"{entry.Name} is {LoadReport.Text(entry.Shape)}, the file has {LoadReport.Text(entry.SourceShape)}")])
                + (mismatched.All(entry => PositionResizing.CanResize(entry.Name, entry.SourceShape!, entry.Shape))
                    ? "); allow it with ResizePositions, or build the model with the file's sizes"
                    : "); build the model with the file's sizes");
        if (!report.Entries.Any(entry => entry.IsFilled))
            return "none of its tensors fits the model by name ("
                + (report.Unexpected.Count == 0 ? "it has none for it" : $"it has {LoadReport.Some(report.Unexpected)}") + "); choose another key map";
        string[] missing = [.. report.Entries
            .Where(entry => entry.Outcome == LoadOutcome.Missing && !policy.AllowMissing.Any(prefix => entry.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(entry => entry.Name)];
        if (missing.Length > 0)
            return $"{missing.Length} tensors are missing ({LoadReport.Some(missing)}); allow it with AllowMissing";
        return report.Coverage < policy.MinimumCoverage
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"it fills {report.Coverage:P1} of the values asked for, less than the {policy.MinimumCoverage:P1} demanded")
            : null;
    }

    private static void Fill(Tensor target, IWeightSource source, LoadEntry entry)
    {
        using var scope = NewDisposeScope();
        var values = source.Read(entry.SourceKey!);
        if (entry.Outcome == LoadOutcome.Resized)
            values = PositionResizing.Resize(values, entry.Shape);
        target.copy_(values);
    }
}
