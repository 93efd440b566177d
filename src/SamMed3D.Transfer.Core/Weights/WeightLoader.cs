namespace SamMed3D.Transfer;

/// <summary>Loads weights into modules by name and shape. Everything is checked before the first value is copied.</summary>
public static class WeightLoader
{
    /// <summary>Loads a whole module.</summary>
    /// <param name="module">The module; it may be on any device and have any floating-point type.</param>
    /// <param name="source">The weights.</param>
    /// <param name="keyMap">How the source's keys become the module's names; null takes the map of the model that the source is recognised as.</param>
    /// <param name="policy">What is allowed; null allows nothing but equal shapes for every parameter.</param>
    /// <returns>What became of every tensor.</returns>
    /// <exception cref="WeightsRefusedException">The weights do not fit; the module is unchanged.</exception>
    /// <exception cref="InvalidDataException">The source is damaged; the module is unchanged.</exception>
    public static LoadReport Load(Module module, IWeightSource source, KeyMap? keyMap = null, LoadPolicy? policy = null)
    {
        var plan = new LoadPlan(module, source, policy ?? LoadPolicy.Refuse, EncoderField.Of(module)?.Prefix ?? "");
        return Run(plan.Make(keyMap ?? plan.Family.Pattern?.ToModel ?? KeyMap.Identity, asked: "", isMapGiven: keyMap is not null), plan);
    }

    /// <summary>Loads an encoder's weights into an encoder, or into the one encoder that a module (such as a UNETR) is built on.</summary>
    /// <param name="module">A <see cref="Backbone"/>, or a module with one as a field.</param>
    /// <param name="source">A checkpoint with such an encoder: SAM-Med3D or a UNETR of ours for <see cref="ImageEncoder"/>, MONAI's UNETR or ViT
    /// for <see cref="PlainViT"/>, a 2D SAM, MedSAM or 3DSAM-adapter for <see cref="SamAdapterEncoder"/>, whole or the encoder alone.</param>
    /// <param name="policy">What is allowed; null allows nothing but equal shapes for every parameter of the encoder.</param>
    /// <returns>What became of every tensor; those outside of the encoder were not asked for.</returns>
    /// <exception cref="ArgumentException">The module has no encoder, or several.</exception>
    /// <exception cref="WeightsRefusedException">The weights do not fit, or belong to another kind of encoder; the module is unchanged.</exception>
    /// <exception cref="InvalidDataException">The source is damaged; the module is unchanged.</exception>
    public static LoadReport LoadEncoder(Module module, IWeightSource source, LoadPolicy? policy = null) =>
        IntoEncoder(module, source, policy ?? LoadPolicy.Refuse, inflation: null);

    /// <summary>Inflates a 2D SAM's image encoder (vit_b, vit_l, vit_h; MedSAM too) into a 3D one, or into the one that a module is built on.</summary>
    /// <param name="module">An <see cref="ImageEncoder"/>, or a module with one as a field; <see cref="EncoderOptions.InflatedSamViTB"/> and its
    /// siblings have the sizes that fit.</param>
    /// <param name="source">A checkpoint with SAM's key names, whole or the image encoder alone.</param>
    /// <param name="inflation">How; null takes the published way.</param>
    /// <param name="policy">What is allowed beyond inflation; null takes <see cref="LoadPolicy.Inflating"/>.</param>
    /// <returns>What became of every tensor; those outside of the encoder were not asked for.</returns>
    /// <exception cref="ArgumentException">The module has no encoder, or several.</exception>
    /// <exception cref="WeightsRefusedException">The weights do not fit, or are no 2D SAM's; the module is unchanged.</exception>
    /// <exception cref="InvalidDataException">The source is damaged; the module is unchanged.</exception>
    public static LoadReport LoadInflated(Module module, IWeightSource source, InflationOptions? inflation = null, LoadPolicy? policy = null) =>
        IntoEncoder(module, source, policy ?? LoadPolicy.Inflating, inflation ?? new InflationOptions());

    private static LoadReport IntoEncoder(Module module, IWeightSource source, LoadPolicy policy, InflationOptions? inflation)
    {
        ArgumentNullException.ThrowIfNull(module);
        var (field, encoder) = EncoderField.Of(module) ?? throw new ArgumentException(
            $"Expected a module with one encoder, got {module.GetName()}, which has none or several; give the encoder itself.", nameof(module));
        if (inflation is null && SamAdapterWeights.Covers(encoder, WeightFamily.Recognise(source.Tensors)))
        {
            var adapting = new LoadPlan(module, source, SamAdapterWeights.Policy(policy, encoder, field), field);
            var sam = SamAdapterWeights.Map(adapting.Family.Pattern!);
            return SamAdapterWeights.Finish(Run(adapting.Make(field.Length == 0 ? sam : sam.Under(field), asked: field, isMapGiven: false), adapting), encoder);
        }

        var plan = new LoadPlan(module, source, policy, field, inflation);
        var map = (plan.Family.Pattern ?? KnownFamilies.All[0]).ToEncoder;
        return Run(plan.Make(field.Length == 0 ? map : map.Under(field), asked: field, isMapGiven: false), plan);
    }

    private static LoadReport Run(LoadReport report, LoadPlan plan)
    {
        if (plan.WhyRefused(report) is { } reason)
            throw new WeightsRefusedException($"{report.Origin} was not loaded: {reason}", report);
        plan.Fill(report);
        return report;
    }
}
