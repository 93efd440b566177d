namespace SamMed3D.Transfer;

/// <summary>
/// Finds out whether data lie as the weights expect: segments targets under all 48 orders and directions of the axes. Weights that were trained
/// on RAS+ volumes see best what really is RAS+; where another order wins, the header of the file (or whoever wrote it) is wrong about left and right, and
/// such a mismatch silently takes away what pretraining gives.
/// </summary>
public static class AxisCheck
{
    /// <summary>Less than this tells nothing: weights that were trained with flips see a mirrored image about as well.</summary>
    public const double Margin = 0.02;

    /// <summary>Weights that segment no order better than this do not know such targets.</summary>
    public const double LeastDice = 0.1;

    /// <summary>What the scores say.</summary>
    /// <param name="scores">As <see cref="Run"/> gives them: the best first, "RAS" among them.</param>
    public static AxisVerdict Judge(IReadOnlyList<AxisScore> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var best = scores[0];
        if (best.MeanDice < LeastDice)
            return AxisVerdict.Unknown;
        if (best.Order == Orientation.Canonical)
            return AxisVerdict.Right;
        return best.MeanDice - scores.First(score => score.Order == Orientation.Canonical).MeanDice <= Margin ? AxisVerdict.Undecided : AxisVerdict.Wrong;
    }

    /// <summary>Runs the check on every target of the regions.</summary>
    /// <param name="model">In evaluation mode, on its device; its image must be a cube.</param>
    /// <param name="regions">The targets, in RAS+ as their files say.</param>
    /// <param name="clickCount">Clicks on each target, deep in the error.</param>
    /// <param name="progress">Told after every segmentation.</param>
    /// <param name="stop">Stops between segmentations.</param>
    /// <returns>The mean Dice of each order, the best first. "RAS" is the data as their files say; "LPS" would be best if the two first axes were reversed in truth.</returns>
    /// <exception cref="ArgumentException">The model's image is no cube, or there are no targets.</exception>
    public static IReadOnlyList<AxisScore> Run(
        PromptableModel model, TargetRegions regions, int clickCount = 1, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(regions);
        if (!model.Options.Encoder.ImageSize.IsCubic)
            throw new ArgumentException($"The model takes {model.Options.Encoder.ImageSize} voxels; only a cube can be turned every way.", nameof(model));
        if (regions.Targets.Count == 0)
            throw new ArgumentException("Expected a target or more, got none.", nameof(regions));
        var orders = All().ToList();
        var sums = new double[orders.Count];
        long done = 0;
        foreach (var target in regions.Targets)
        {
            using var scope = NewDisposeScope();
            var (image, labels) = regions.Cut(target);
            for (var i = 0; i < orders.Count; i++)
            {
                stop.ThrowIfCancellationRequested();
                using var turned = NewDisposeScope();
                var (permutation, flipped) = Turn(orders[i]);
                var truth = Turned(labels[0] > 0, permutation, flipped);
                var user = new SimulatedUser(ClickStrategy.Ritm, new Random(0));
                sums[i] += ClickedRegion.Score(model, Turned(image, permutation, flipped).unsqueeze(0), truth, user, clickCount)[^1].Value;
                progress?.Report(new RunProgress("turning", ++done, (long)regions.Targets.Count * orders.Count, "segmentations"));
            }
        }

        return [.. orders.Select((order, index) => new AxisScore(order, sums[index] / regions.Targets.Count)).OrderByDescending(score => score.MeanDice)];
    }

    /// <summary>The 48 orders and directions.</summary>
    internal static IEnumerable<Orientation> All()
    {
        foreach (int[] order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
            for (var flips = 0; flips < 8; flips++)
                yield return Orientation.Parse(string.Concat(order.Select((axis, place) => ((flips >> place & 1) == 0 ? "RAS" : "LPI")[axis])));
    }

    internal static (long[] Permutation, long[] Flipped) Turn(Orientation order) => (
        [.. Enumerable.Range(0, 3).Select(axis => (long)order.WorldAxis(axis))],
        [.. Enumerable.Range(0, 3).Where(order.IsReversed).Select(axis => (long)axis)]);

    /// <summary>[..., X, Y, Z] with its last three axes in another order and direction.</summary>
    internal static Tensor Turned(Tensor values, long[] permutation, long[] flipped)
    {
        long leading = values.ndim - 3;
        var result = values.permute([.. Enumerable.Range(0, (int)leading).Select(axis => (long)axis), .. permutation.Select(axis => leading + axis)]);
        return flipped.Length == 0 ? result.contiguous() : result.flip([.. flipped.Select(axis => leading + axis)]);
    }
}
