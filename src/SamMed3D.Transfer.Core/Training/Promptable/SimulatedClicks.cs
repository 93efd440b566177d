namespace SamMed3D.Transfer;

/// <summary>
/// The clicks of one training step, as SAM-Med3D draws them: a click where the mask of the round before is wrong, except in the last
/// round and in one drawn at random between the third and the last but two, which have that mask alone.
/// </summary>
/// <remarks>
/// Where the published training calls a voxel predicted above a LOGIT of 0.5, this takes a probability of 0.5, as its own inference does.
/// A perfect mask, for which the published code has no click, gets one anywhere in the object.
/// </remarks>
public sealed class SimulatedClicks : IClickSource
{
    private const int FirstBlindRound = 2, LastRoundsWithClick = 2;

    private readonly SimulatedUser _user;
    private readonly int _blindRound;

    /// <param name="strategy">Where in the wrong region.</param>
    /// <param name="roundCount">Rounds of the step.</param>
    /// <param name="random">Decides all; seed it by the run's seed and the step.</param>
    public SimulatedClicks(ClickStrategy strategy, int roundCount, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _user = new SimulatedUser(strategy, random);
        _blindRound = roundCount - LastRoundsWithClick > FirstBlindRound ? random.Next(FirstBlindRound, roundCount - LastRoundsWithClick) : -1;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A volume has no object to click on.</exception>
    public ClickBatch? ClicksFor(int round, int roundCount, Tensor? logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (round == _blindRound || (round == roundCount - 1 && roundCount > 1))
            return null;
        using var scope = NewDisposeScope();
        int count = (int)labels.shape[0];
        var points = new float[3 * count];
        var isForeground = new float[count];
        for (var sample = 0; sample < count; sample++)
        {
            var truth = labels[sample, 0] > 0;
            var click = _user.Next(truth, logits is null ? null : logits[sample, 0] > 0) ?? _user.Next(truth)
                ?? throw new ArgumentException("A volume of the batch has no object to click on.", nameof(labels));
            (points[3 * sample], points[3 * sample + 1], points[3 * sample + 2]) = (click.Voxel.X, click.Voxel.Y, click.Voxel.Z);
            isForeground[sample] = click.IsForeground ? 1 : 0;
        }

        return new ClickBatch(
            tensor(points, [count, 1, 3], device: labels.device).MoveToOuterDisposeScope(),
            tensor(isForeground, [count, 1], device: labels.device).MoveToOuterDisposeScope());
    }
}
