namespace SamMed3D.Transfer;

/// <summary>An object as the model sees it after its prompts. Masks and probabilities are made on the grid of the input file when asked for.</summary>
public sealed class PromptedSegmentation : IDisposable
{
    private readonly Volume _logits;
    private readonly Geometry _file;

    internal PromptedSegmentation(Volume logits, Geometry file, double predictedIou, int patchCount, IReadOnlyList<string> notes)
    {
        _logits = logits;
        _file = file;
        PredictedIou = predictedIou;
        PatchCount = patchCount;
        Notes = notes;
    }

    /// <summary>
    /// The overlap with the truth that the model expects, in the first patch. As published it was never trained in 3D: with released
    /// weights it says little.
    /// </summary>
    public double PredictedIou { get; }

    /// <summary>Patches that the object was looked at in.</summary>
    public int PatchCount { get; }

    /// <summary>What was done otherwise than asked, a sentence each, such as a box that was given as a click.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>1 where the probability is above 0.5, on the grid of the input file; the caller owns it.</summary>
    public LabelVolume CreateMask()
    {
        var mask = zeros(_file.Size.ToArray(), ScalarType.Int32);
        Fill(mask, static logits => logits > 0);
        return new LabelVolume(mask, _file);
    }

    /// <summary>
    /// [1, X, Y, Z], 0 to 1, on the grid of the input file: logits are interpolated linearly (the published code takes the nearest voxel
    /// of its mask). 0 where no patch was looked at. The caller owns it.
    /// </summary>
    public Volume CreateProbability()
    {
        var probability = zeros([1, .. _file.Size.ToArray()]);
        using (var only = probability[0])
            Fill(only, static logits => logits.sigmoid());
        return new Volume(probability, _file);
    }

    /// <inheritdoc/>
    public void Dispose() => _logits.Dispose();

    private void Fill(Tensor result, Func<Tensor, Tensor> convert)
    {
        using var logits = _logits.Values[0];
        AlignedResampler.Between(_logits.Geometry, _file).Fill(logits, result, convert);
    }
}
