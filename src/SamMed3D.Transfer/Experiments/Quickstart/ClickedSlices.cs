namespace SamMed3D.Transfer;

/// <summary>
/// Axial slices of the regions that another source cuts around its targets, each with a click on the target: what a 2D model is trained on. A
/// batch has several slices of every region, each through the target, and is a function of the seed and the step alone.
/// </summary>
internal sealed class ClickedSlices : IBatchSource
{
    private readonly IBatchSource _regions;
    private readonly int _slices;
    private readonly long _seed;

    /// <param name="regions">Images [N, 1, X, Y, Z] and targets [N, 1, X, Y, Z] of 0 and 1.</param>
    /// <param name="slices">Slices of each region.</param>
    /// <param name="seed">The run's.</param>
    public ClickedSlices(IBatchSource regions, int slices, long seed)
    {
        _regions = regions;
        _slices = slices;
        _seed = seed;
    }

    /// <inheritdoc/>
    /// <returns>Images [N * slices, 2, X, Y, 1]: intensities, and 1 where the click is; labels [N * slices, 1, X, Y, 1].</returns>
    public TrainingBatch BatchAt(long stepIndex)
    {
        using var scope = NewDisposeScope();
        using var batch = _regions.BatchAt(stepIndex);
        var images = new List<Tensor>();
        var labels = new List<Tensor>();
        for (var region = 0; region < batch.CaseIds.Count; region++)
        {
            var random = new RandomStream(_seed, stepIndex, region);
            var image = batch.Images[region];
            var target = batch.Labels[region][0];
            var places = target.nonzero();
            for (var slice = 0; slice < _slices && places.shape[0] > 0; slice++)
            {
                long[] place = places[random.Below((int)places.shape[0])].data<long>().ToArray();
                var intensities = image.narrow(3, place[2], 1);
                var click = zeros_like(intensities);
                click[0, place[0], place[1], 0] = 1f;
                images.Add(cat([intensities, click]));
                labels.Add(target.narrow(2, place[2], 1).unsqueeze(0));
            }
        }

        if (images.Count == 0)
            throw new InvalidDataException($"No target of {string.Join(", ", batch.CaseIds)} is in its region.");
        return new TrainingBatch(stack(images).MoveToOuterDisposeScope(), stack(labels).MoveToOuterDisposeScope(), batch.CaseIds);
    }
}
