namespace SamMed3D.Transfer;

/// <summary>The network, its patch and its batch, for a memory budget.</summary>
internal static class PatchPlan
{
    /// <summary>Where the median case is no longer than this on any axis, patches of 16 leave too few tokens.</summary>
    private const int SmallCase = 72;

    /// <summary>No axis of a patch is longer; attention and memory grow steeply.</summary>
    private const int LongestAxis = 160;

    private const int LargestBatch = 4;

    /// <summary>The released model's input.</summary>
    private const int ReleasedSize = 128;

    /// <param name="size">Median voxels of a case at the target spacing.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="memory">GB.</param>
    /// <param name="usesReleasedWeights">Whether the encoder is SAM-Med3D's.</param>
    /// <param name="decisions">Gets what was decided.</param>
    public static (UnetrOptions Model, int BatchSize) Of(Size3 size, int channels, double memory, bool usesReleasedWeights, List<PlanDecision> decisions)
    {
        int step = !usesReleasedWeights && Math.Max(size.X, Math.Max(size.Y, size.Z)) <= SmallCase ? 8 : 16;
        Size3 RoundedUp(Size3 voxels, int most) => new(Rounded(voxels.X, most), Rounded(voxels.Y, most), Rounded(voxels.Z, most));
        int Rounded(int extent, int most) => Math.Clamp((extent + step - 1) / step * step, 2 * step, most);
        var patch = RoundedUp(size, LongestAxis);
        if (usesReleasedWeights)
            patch = Math.Min(ReleasedSize, Math.Max(patch.X, Math.Max(patch.Y, patch.Z)));
        var wanted = patch;
        UnetrOptions Model(Size3 voxels) => usesReleasedWeights ? OnReleased(voxels, channels) : FromScratch(voxels, step, channels);
        int batch = 2;
        while (MemoryEstimate.GB(Model(patch), batch) > memory && Smaller(patch, size, step, usesReleasedWeights) is { } smaller)
            patch = smaller;
        if (MemoryEstimate.GB(Model(patch), batch) > memory)
            batch = 1;
        while (batch < LargestBatch && patch == wanted && MemoryEstimate.GB(Model(patch), batch + 1) <= memory)
            batch++;
        var model = Model(patch);
        double estimate = MemoryEstimate.GB(model, batch);
        decisions.Add(new("encoder", usesReleasedWeights ? "SAM-Med3D's ViT-B, patches of 16" : $"{model.Backbone.BlockCount} blocks of width {model.Backbone.EmbeddingWidth}, patches of {step}",
            usesReleasedWeights ? "the weights belong to it" : step == 8
                ? $"cases of about {size} voxels are small: patches of 16 would leave few tokens" : "large enough for patches of 16; small enough to learn from scratch"));
        decisions.Add(new("patch", $"{patch}", patch == wanted
            ? $"holds the median case ({size} at the target spacing) as far as the encoder allows" : FormattableString.Invariant(
                $"the largest of the median case's shape ({size}) that the memory allows with a batch of {batch}; {wanted} was wanted")));
        decisions.Add(new("batch", $"{batch}", FormattableString.Invariant(
            $"about {estimate:0.0} of {memory:0.#} GB by estimate{(estimate > memory ? ": more than there is, and nothing smaller is sensible; expect to run out of memory" : "")}")));
        return (model, batch);
    }

    /// <summary>One step off the axis that is longest in proportion to the case; off all axes of a cube. Null where it is as small as is sensible.</summary>
    private static Size3? Smaller(Size3 patch, Size3 size, int step, bool isCube)
    {
        if (isCube)
            return patch.X > 2 * step ? (Size3)(patch.X - step) : null;
        int axis = Enumerable.Range(0, 3).Where(axis => patch[axis] > 2 * step).OrderByDescending(axis => (double)patch[axis] / size[axis]).ThenByDescending(axis => patch[axis])
            .DefaultIfEmpty(-1).First();
        return axis < 0 ? null : new Size3(patch.X - (axis == 0 ? step : 0), patch.Y - (axis == 1 ? step : 0), patch.Z - (axis == 2 ? step : 0));
    }

    /// <summary>Cubes alone: the published relative positions know no others.</summary>
    private static UnetrOptions OnReleased(Size3 patch, int channels) => new()
    {
        Backbone = EncoderOptions.SamMed3D with { ImageSize = patch, InputChannels = channels }, FeatureSize = 16, HasAffineNorm = true, HasConvolutionalSkips = true,
    };

    private static UnetrOptions FromScratch(Size3 patch, int step, int channels) => new()
    {
        Backbone = new EncoderOptions
        {
            ImageSize = patch, InputChannels = channels, PatchSize = step, EmbeddingWidth = step == 8 ? 192 : 384, BlockCount = 8, HeadCount = 6, OutputChannels = step == 8 ? 192 : 384,
            WindowSize = 0, GlobalBlocks = [], RelativePosition = RelativePosition.Decomposed,
        },
        FeatureSize = 16, HasAffineNorm = true, HasConvolutionalSkips = true,
    };
}
