namespace SamMed3D.Transfer;

/// <summary>The targets of one image and its labels, prepared for a promptable model.</summary>
public sealed class ImageTargets : IDisposable
{
    private const int MostLabels = ushort.MaxValue;

    private readonly CaseStore _cases;

    private ImageTargets(CaseStore cases, TargetRegions regions)
    {
        _cases = cases;
        Regions = regions;
    }

    /// <summary>The regions around the targets.</summary>
    public TargetRegions Regions { get; }

    /// <summary>Opens an image and its labels.</summary>
    /// <param name="image">A volume file.</param>
    /// <param name="labels">A label file on its grid.</param>
    /// <param name="weights">The model, which decides spacing, channels and the size of regions.</param>
    /// <param name="minimumVoxels">Smaller targets are left out.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or the grids differ.</exception>
    public static ImageTargets Open(string image, string labels, PromptableWeights weights, int minimumVoxels)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var encoder = weights.Model.Options.Encoder;
        // As many classes as the labels have values: here a label is a target, not a class.
        var preprocessor = new CasePreprocessor(
            new PreprocessingOptions { Spacing = weights.Spacing, Normalization = Normalization.None }, encoder.InputChannels, 1 + HighestLabel(labels));
        var cases = new CaseStore([new DatasetCase(Path.GetFileName(image), [image], labels, DatasetPart.Test)], preprocessor.Open);
        try
        {
            return new ImageTargets(cases, new TargetRegions(cases, encoder.ImageSize, minimumVoxels));
        }
        catch
        {
            cases.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cases.Dispose();

    private static int HighestLabel(string path)
    {
        using var labels = LabelVolume.Open(path);
        int highest = 1;
        foreach (int label in labels.Voxels())
            highest = Math.Max(highest, label);
        return highest <= MostLabels ? highest
            : throw new InvalidDataException($"{path}: has a label {highest}; expected values up to {MostLabels}.");
    }
}
