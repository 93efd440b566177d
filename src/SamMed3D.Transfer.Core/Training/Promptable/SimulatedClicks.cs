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
    private readonly bool _givesAll;
    private readonly List<(VoxelIndex[] Voxels, bool[] IsForeground)> _clicks = [];

    /// <param name="strategy">Where in the wrong region.</param>
    /// <param name="roundCount">Rounds of the step.</param>
    /// <param name="random">Decides all; seed it by the run's seed and the step.</param>
    /// <param name="givesAll">Whether a round gets all clicks so far, or the new one alone.</param>
    public SimulatedClicks(ClickStrategy strategy, int roundCount, Random random, bool givesAll = false)
    {
        ArgumentNullException.ThrowIfNull(random);
        _user = new SimulatedUser(strategy, random);
        _givesAll = givesAll;
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
        var (voxels, isForeground) = (new VoxelIndex[count], new bool[count]);
        for (var sample = 0; sample < count; sample++)
        {
            var truth = labels[sample, 0] > 0;
            (voxels[sample], isForeground[sample]) = _user.Next(truth, logits is null ? null : logits[sample, 0] > 0) ?? _user.Next(truth)
                ?? throw new ArgumentException("A volume of the batch has no object to click on.", nameof(labels));
        }

        if (!_givesAll)
            _clicks.Clear();
        _clicks.Add((voxels, isForeground));
        var samples = Enumerable.Range(0, count).ToList();
        float[] points = [.. samples.SelectMany(sample => _clicks.SelectMany(click => new float[] { click.Voxels[sample].X, click.Voxels[sample].Y, click.Voxels[sample].Z }))];
        float[] kinds = [.. samples.SelectMany(sample => _clicks.Select(click => click.IsForeground[sample] ? 1f : 0))];
        return new ClickBatch(
            tensor(points, [count, _clicks.Count, 3], device: labels.device).MoveToOuterDisposeScope(),
            tensor(kinds, [count, _clicks.Count], device: labels.device).MoveToOuterDisposeScope());
    }
}
