namespace SamMed3D.Transfer;

/// <summary>
/// Segments any volume from clicks, boxes and masks: set an image once, add objects, give them prompts, read masks on the grid of the
/// input file. Each part of the image is encoded once, however many prompts follow.
/// </summary>
/// <example>
/// <code>
/// using var segmenter = new PromptableSegmenter(model);
/// segmenter.SetImage(volume);
/// var liver = segmenter.AddObject();
/// liver.AddClick(new Click(new Double3(60, 70, 50)));
/// using PromptedSegmentation seen = liver.Predict();
/// using LabelVolume mask = seen.CreateMask();
/// </code>
/// </example>
public sealed class PromptableSegmenter : IDisposable
{
    private readonly PromptableModel _model;
    private readonly PromptableSegmenterOptions _options;
    private readonly List<PromptedObject> _objects = [];
    private PromptableImage? _image;
    private int _lastLabel;

    /// <param name="model">With its weights, on its device; it stays the caller's.</param>
    /// <param name="options">How images are prepared; as published where left out.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public PromptableSegmenter(PromptableModel model, PromptableSegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = (options ?? new()).Validated();
    }

    /// <summary>The objects of the image.</summary>
    public IReadOnlyList<PromptedObject> Objects => _objects;

    /// <summary>Sets the image; objects of the one before are gone. Encoding waits for the first prompt.</summary>
    /// <param name="image">As it was read from its file; it stays the caller's and is not needed any more.</param>
    /// <exception cref="ArgumentException">It has other channels than the model, or voxels that are not finite.</exception>
    public void SetImage(Volume image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var next = new PromptableImage(image, _model, _options.Spacing);
        Dispose();
        _image = next;
    }

    /// <summary>Adds an object without prompts, whose label is the next free number.</summary>
    /// <exception cref="InvalidOperationException">There is no image.</exception>
    public PromptedObject AddObject()
    {
        var one = new PromptedObject(_model, Image, _options.PatchLimit, ++_lastLabel);
        _objects.Add(one);
        return one;
    }

    /// <summary>Takes an object back; it cannot be used any more.</summary>
    /// <returns>Whether it was there.</returns>
    public bool RemoveObject(PromptedObject one)
    {
        ArgumentNullException.ThrowIfNull(one);
        if (!_objects.Remove(one))
            return false;
        one.Release();
        return true;
    }

    /// <summary>Segments all objects. Where two claim a voxel, it goes to the one with the higher probability.</summary>
    /// <param name="each">Shown what was found of each object, which is gone afterwards.</param>
    /// <param name="stop">Stops between patches.</param>
    /// <returns>Each object's label on the grid of the input file, 0 elsewhere; the caller owns it.</returns>
    /// <exception cref="InvalidOperationException">There is no image or no object, or an object has no prompt that says where it is.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public LabelVolume PredictLabels(Action<PromptedObject, PromptedSegmentation>? each = null, CancellationToken stop = default)
    {
        var file = Image.File;
        if (_objects.Count == 0)
            throw new InvalidOperationException("There are no objects: add one and give it prompts before predicting.");
        using var scope = NewDisposeScope();
        var best = full([1, .. file.Size.ToArray()], 0.5f);
        var labels = zeros(file.Size.ToArray(), ScalarType.Int32);
        for (int i = 0; i < _objects.Count; i++)
        {
            using var part = NewDisposeScope();
            using var segmentation = _objects[i].Predict(stop: stop);
            using var probability = segmentation.CreateProbability();
            var wins = probability.Values > best;
            labels.masked_fill_(wins[0], _objects[i].Label);
            best.copy_(maximum(best, probability.Values));
            each?.Invoke(_objects[i], segmentation);
        }

        return new LabelVolume(labels, file);
    }

    /// <summary>Frees the image, its embeddings and its objects.</summary>
    public void Dispose()
    {
        foreach (var one in _objects)
            one.Release();
        _objects.Clear();
        _lastLabel = 0;
        _image?.Dispose();
        _image = null;
    }

    private PromptableImage Image => _image ?? throw new InvalidOperationException("There is no image: call SetImage first.");
}
