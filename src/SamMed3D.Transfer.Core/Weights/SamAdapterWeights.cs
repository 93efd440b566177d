namespace SamMed3D.Transfer;

/// <summary>
/// What a 2D SAM gives to 3DSAM-adapter's encoder: everything but the neck, under the same names and in the same sizes. What the adapter adds
/// keeps its initial values, but for the new axis' relative positions, which are the mean of the other two's.
/// </summary>
internal static class SamAdapterWeights
{
    private const string Start = "mean of rel_pos_h and rel_pos_w";

    /// <summary>Whether this is such a load.</summary>
    public static bool Covers(Backbone encoder, WeightFamily family) => encoder is SamAdapterEncoder && family.Family == ModelFamily.Sam2d;

    /// <summary>The 2D SAM's keys without the neck, which is for images.</summary>
    public static KeyMap Map(FamilyPattern sam)
    {
        var map = sam.ToEncoder;
        return map with { Ignored = [.. map.Ignored, new IgnoredKeys(sam.EncoderPrefix + "neck.", "neck for images")] };
    }

    /// <summary>A policy under which the adapter's own parameters are not asked for.</summary>
    /// <param name="policy">What else is allowed.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="field">Its field in the model, with a dot.</param>
    public static LoadPolicy Policy(LoadPolicy policy, Backbone encoder, string field) => policy with
    {
        KeepInitial = [.. policy.KeepInitial, .. encoder.named_parameters().Select(entry => entry.name).Where(SamAdapterOptions.IsAdded).Select(name => field + name)],
    };

    /// <summary>Gives the new axis its relative positions, once the 2D SAM's are there.</summary>
    public static LoadReport Finish(LoadReport report, Backbone encoder)
    {
        ((SamAdapterEncoder)encoder).StartDepthPositions();
        return report with
        {
            Entries = [.. report.Entries.Select(entry => entry.Name.EndsWith(".rel_pos_d", StringComparison.Ordinal) ? entry with { How = Start } : entry)],
        };
    }
}
