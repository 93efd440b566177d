namespace SamMed3D.Transfer;

/// <summary>
/// Segments the labels of a true label map click by click, with clicks drawn as SAM-Med3D's evaluation does: the first anywhere in the object, each
/// further one where the prediction is wrong, all clicks so far and the last mask in each prediction, a probability above 0.5.
/// </summary>
/// <remarks>
/// Unlike the published script, which cuts its region around the true label, the region here is placed by the first click, and grows: the truth
/// gives the clicks and the scores, nothing else. Scores are taken on the grid of the file.
/// </remarks>
public static class SimulatedSegmentation
{
    /// <summary>Runs the simulation.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="image">The image as it was read.</param>
    /// <param name="truth">On the image's grid; every value above 0 is an object.</param>
    /// <param name="clickCount">Clicks on each object; a perfect prediction needs no more, and its score stays.</param>
    /// <param name="strategy">Where in the wrong region.</param>
    /// <param name="seed">Of the clicks.</param>
    /// <param name="patchLimit">Patches for one object at most; null for the usual limit.</param>
    /// <param name="progress">Told after every click.</param>
    /// <param name="stop">Stops between patches.</param>
    /// <returns>Dice after every click on each object, and the final labels on the image's grid, which the caller owns.</returns>
    /// <exception cref="ArgumentException">The truth lies on another grid or is empty, or the image does not fit the model.</exception>
    public static (ClickScores Scores, LabelVolume Labels) Run(
        PromptableWeights weights, Volume image, LabelVolume truth, int clickCount, ClickStrategy strategy, long seed, int? patchLimit = null,
        IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentOutOfRangeException.ThrowIfLessThan(clickCount, 1);
        if (!truth.Geometry.Matches(image.Geometry))
            throw new ArgumentException($"Expected labels on the image's grid ({image.Geometry}), got {truth.Geometry}.", nameof(truth));
        int[] labels = [.. Present(truth)];
        if (labels.Length == 0)
            throw new ArgumentException("Expected labels above 0, got none.", nameof(truth));

        var options = new PromptableSegmenterOptions { Spacing = weights.Spacing };
        using var segmenter = new PromptableSegmenter(weights.Model, patchLimit is { } limit ? options with { PatchLimit = limit } : options);
        segmenter.SetImage(image);
        using var scope = NewDisposeScope();
        var result = zeros(image.Geometry.Size.ToArray(), ScalarType.Int32);
        var targets = new List<(string, IReadOnlyList<double>)>();
        foreach (int label in labels)
        {
            using var part = NewDisposeScope();
            var user = new SimulatedUser(strategy, new RandomStream(seed, label).ToRandom());
            var wanted = truth.Values == label;
            var one = segmenter.AddObject();
            Tensor? prediction = null;
            var scores = new List<double>();
            for (var click = 1; click <= clickCount; click++)
            {
                stop.ThrowIfCancellationRequested();
                if (user.Next(wanted, prediction) is var (voxel, isForeground))
                {
                    one.AddClick(new Click(new Double3(voxel.X, voxel.Y, voxel.Z), isForeground));
                    using var found = one.Predict(stop: stop);
                    using var mask = found.CreateMask();
                    prediction = mask.Values > 0;
                    long both = (wanted & prediction).sum().item<long>(), sum = wanted.sum().item<long>() + prediction.sum().item<long>();
                    scores.Add(2.0 * both / sum);
                }
                else
                    scores.Add(scores[^1]);
                progress?.Report(new RunProgress("segmenting", (targets.Count * clickCount) + click, (long)labels.Length * clickCount, "clicks", $"label {label}, Dice {scores[^1]:0.000}"));
            }

            result.masked_fill_(prediction!, label);
            segmenter.RemoveObject(one);
            targets.Add(($"{label}", scores));
        }

        return (new ClickScores([.. Enumerable.Range(1, clickCount)], targets), new LabelVolume(result.MoveToOuterDisposeScope(), image.Geometry));
    }

    private static SortedSet<int> Present(LabelVolume truth)
    {
        var found = new SortedSet<int>();
        foreach (int label in truth.Voxels())
            if (label > 0)
                found.Add(label);
        return found;
    }
}
