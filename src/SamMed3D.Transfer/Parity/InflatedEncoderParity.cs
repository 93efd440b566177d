using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// A 2D SAM's encoder inflated to 3D (golden case `sam2d_tiny`): of a volume that is the case's image in every slice, each block and the output must be
/// the 2D encoder's in every slice, along whichever axis the slices lie. The grid along the new axis holds whole windows, as
/// <see cref="WeightInflation"/> demands for that.
/// </summary>
public sealed class InflatedEncoderParity : ParityCheck
{
    private const string Stored = "encoder.safetensors";

    private static readonly Sam2dEncoderParity Planar = new();

    /// <inheritdoc/>
    /// <remarks>SAM-Med2D's adapters have no third axis to be given.</remarks>
    public override bool Recognises(string folder, JsonElement description) =>
        Planar.Recognises(folder, description) && !description.GetProperty("config").GetProperty("adapters").GetBoolean();

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options) =>
        from variant in new[] { InflationVariant.ReplicateMean, InflationVariant.Centre }
        from axis in Enum.GetValues<VolumeAxis>()
        from quantity in Inflated(folder, description, new InflationOptions { Variant = variant, NewAxis = axis }, options)
        select quantity;

    /// <summary>The 3D encoder that takes the 2D one's weights.</summary>
    internal static EncoderOptions OptionsOf(Sam2dEncoderOptions planar, Size3 size) => new()
    {
        InputChannels = planar.InputChannels, ImageSize = size, PatchSize = planar.PatchSize, EmbeddingWidth = planar.EmbeddingWidth,
        BlockCount = planar.BlockCount, HeadCount = planar.HeadCount, OutputChannels = planar.OutputChannels, WindowSize = planar.WindowSize,
        GlobalBlocks = planar.GlobalBlocks, RelativePosition = RelativePosition.Decomposed,
    };

    private static List<ParityQuantity> Inflated(string folder, JsonElement description, InflationOptions inflation, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var planar = Sam2dEncoderParity.OptionsOf(description.GetProperty("config"));
        int newAxis = (int)inflation.NewAxis, depth = planar.WindowSize * planar.PatchSize;
        int[] extents = [planar.ImageSize, planar.ImageSize, planar.ImageSize];
        extents[newAxis] = depth;
        using var encoder = new ImageEncoder(OptionsOf(planar, new Size3(extents[0], extents[1], extents[2])));
        LoadReport report;
        using (var weights = Checkpoint.Open(Path.Combine(folder, "sam2d.pth")))
            report = WeightLoader.LoadInflated(encoder, weights, inflation);
        encoder.to(options.Device, options.Precision);

        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Stored));
        string what = $"{inflation.Variant} along {inflation.NewAxis}";
        var quantities = new List<ParityQuantity> { new($"{what}: values not filled", report.Entries.Where(entry => !entry.IsFilled).Sum(entry => entry.ElementCount), 0) };
        // Columns lie along the first axis that images have; [N, C, X, Y, Z] has the new axis at 2 + its number.
        Tensor Slices(Tensor image, long count) => image.transpose(2, 3).unsqueeze(2 + newAxis).repeat_interleave(count, 2 + newAxis);
        void Add(string name, Tensor mine, bool isChannelsLast)
        {
            var expected = isChannelsLast ? stored[name].permute(0, 3, 1, 2) : stored[name];
            quantities.Add(ParityTensors.Compare(
                $"{what}: {name}", mine, Slices(expected, mine.shape[2 + newAxis]), ParityTensors.Describe(description, Stored, name)));
        }

        var volume = Slices(stored["input"], depth).to(options.Precision, options.Device);
        Add("after_patch_embed_pos", encoder.Embed(volume).permute(0, 4, 1, 2, 3), isChannelsLast: true);
        using (var features = encoder.Features(volume, [.. Enumerable.Range(0, planar.BlockCount).Select(FeatureTap.FromInt32)]))
            foreach (var map in features.Maps)
                Add($"after_block{map.Tap.Block}", map.Values, isChannelsLast: true);
        Add("image_embedding", encoder.call(volume), isChannelsLast: false);
        return quantities;
    }
}
