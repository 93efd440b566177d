namespace SamMed3D.Transfer;

/// <summary>Segments the objects that prompts point at in one file.</summary>
public static class PromptedPrediction
{
    /// <summary>Segments all objects; each gets the label of its place in the list, from 1.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="image">The image as it was read.</param>
    /// <param name="objects">The prompts of each object.</param>
    /// <param name="patchLimit">Patches for one object at most; null for the usual limit.</param>
    /// <param name="progress">Told after every object.</param>
    /// <param name="stop">Stops between patches.</param>
    /// <returns>The labels on the image's grid, which the caller owns, and what was found of each object.</returns>
    /// <exception cref="ArgumentException">A prompt is outside of the image, or the image does not fit the model.</exception>
    /// <exception cref="InvalidOperationException">An object has no prompt that says where it is.</exception>
    public static (LabelVolume Labels, IReadOnlyList<PromptedSummary> Objects) Run(
        PromptableWeights weights, Volume image, IReadOnlyList<PromptSet> objects, int? patchLimit = null, IProgress<RunProgress>? progress = null,
        CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(objects);
        var options = new PromptableSegmenterOptions { Spacing = weights.Spacing };
        using var segmenter = new PromptableSegmenter(weights.Model, patchLimit is { } limit ? options with { PatchLimit = limit } : options);
        segmenter.SetImage(image);
        foreach (var prompts in objects)
            prompts.ApplyTo(segmenter.AddObject());
        var summaries = new List<PromptedSummary>();
        var labels = segmenter.PredictLabels((one, found) =>
        {
            using var mask = found.CreateMask();
            long voxels = mask.Values.sum().item<long>();
            summaries.Add(new PromptedSummary(one.Label, voxels, voxels, voxels * VoxelVolume(image.Geometry), found.PredictedIou, found.PatchCount, found.Notes));
            progress?.Report(new RunProgress("segmenting", summaries.Count, objects.Count, "objects"));
        }, stop);
        var written = new long[summaries.Count + 1];
        foreach (int label in labels.Voxels())
            written[label]++;
        return (labels, [.. summaries.Select(one => one with { WrittenCount = written[one.Label] })]);
    }

    /// <summary>mm^3 of a voxel; oblique axes are perpendicular in every scanner's files.</summary>
    private static double VoxelVolume(Geometry geometry) => geometry.Spacing.X * geometry.Spacing.Y * geometry.Spacing.Z;
}
