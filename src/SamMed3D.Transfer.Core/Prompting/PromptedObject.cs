namespace SamMed3D.Transfer;

/// <summary>
/// One object in the image of a <see cref="PromptableSegmenter"/>, and its prompts. What <see cref="Predict"/> gives depends on the
/// prompts as they are, not on how they came about; what was computed for them before is used again.
/// </summary>
public sealed class PromptedObject
{
    private readonly PromptableModel _model;
    private readonly PromptableImage _image;
    private readonly int _patchLimit;
    private readonly List<(Click Click, PlacedClick Placed)> _clicks = [];
    private readonly List<(BoxPrompt Box, PlacedBox Placed)> _boxes = [];
    private readonly Dictionary<Size3, PatchRounds> _rounds = [];
    private LabelVolume? _mask;
    private bool _isGone;

    internal PromptedObject(PromptableModel model, PromptableImage image, int patchLimit, int label)
    {
        _model = model;
        _image = image;
        _patchLimit = patchLimit;
        Label = label;
    }

    /// <summary>The object's number in label maps, from 1.</summary>
    public int Label { get; }

    /// <summary>The clicks, in the order in which they were given.</summary>
    public IReadOnlyList<Click> Clicks => [.. _clicks.Select(entry => entry.Click)];

    /// <summary>The boxes.</summary>
    public IReadOnlyList<BoxPrompt> Boxes => [.. _boxes.Select(entry => entry.Box)];

    /// <summary>Whether there is a mask to start from.</summary>
    public bool HasMask => _mask is not null;

    /// <summary>Adds a click.</summary>
    /// <exception cref="ArgumentException">It is outside the image, or not finite.</exception>
    public void AddClick(Click click)
    {
        ArgumentNullException.ThrowIfNull(click);
        ThrowIfGone();
        _clicks.Add((click, new PlacedClick(_image.Place(click.Position, click.Space, "a click"), click.IsForeground)));
    }

    /// <summary>Takes a click back.</summary>
    /// <param name="index">Its place in <see cref="Clicks"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such click.</exception>
    public void RemoveClick(int index) => _clicks.RemoveAt(index);

    /// <summary>Adds a box around the object. Weights without box embeddings are given a click at its centre, which the result's notes say.</summary>
    /// <exception cref="ArgumentException">A corner is outside the image, or not finite.</exception>
    public void AddBox(BoxPrompt box)
    {
        ArgumentNullException.ThrowIfNull(box);
        ThrowIfGone();
        _boxes.Add((box, _image.Place(box)));
    }

    /// <summary>Takes a box back.</summary>
    /// <param name="index">Its place in <see cref="Boxes"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such box.</exception>
    public void RemoveBox(int index) => _boxes.RemoveAt(index);

    /// <summary>Sets the mask to start from, in place of one that was set before.</summary>
    /// <param name="mask">On the grid of the image; not 0 is the object. It stays the caller's.</param>
    /// <exception cref="ArgumentException">It lies on another grid, or is empty.</exception>
    public void SetMask(LabelVolume mask)
    {
        ThrowIfGone();
        var placed = _image.Place(mask);
        RemoveMask();
        _mask = placed;
    }

    /// <summary>Takes the mask back.</summary>
    public void RemoveMask()
    {
        _mask?.Dispose();
        _mask = null;
    }

    /// <summary>Takes all prompts back.</summary>
    public void Clear()
    {
        _clicks.Clear();
        _boxes.Clear();
        RemoveMask();
    }

    /// <summary>Segments the object. The first time, its part of the image is encoded; after that only prompts are decoded.</summary>
    /// <param name="patches">Told the number of patches after each.</param>
    /// <param name="stop">Stops between patches.</param>
    /// <returns>The object; the caller owns it.</returns>
    /// <exception cref="InvalidOperationException">There is no prompt that says where the object is.</exception>
    /// <exception cref="ArgumentException">The image has nothing there to be normalised by.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public PromptedSegmentation Predict(IProgress<int>? patches = null, CancellationToken stop = default)
    {
        ThrowIfGone();
        var notes = new List<string>();
        var prompts = Placed(notes);
        using var scope = NewDisposeScope();
        var walk = new PatchWalk(_model, _image, _rounds, _patchLimit);
        walk.Follow(prompts, First(prompts), patches, stop);
        notes.AddRange(walk.Notes);
        return new PromptedSegmentation(PatchMosaic.Join(_image.Grid, walk.Patches), _image.File, walk.PredictedIou, walk.Patches.Count, notes);
    }

    /// <summary>Frees what belongs to the object, which cannot be used any more.</summary>
    internal void Release()
    {
        _isGone = true;
        Clear();
        foreach (var rounds in _rounds.Values)
            rounds.Dispose();
        _rounds.Clear();
    }

    private PlacedPrompts Placed(List<string> notes)
    {
        List<PlacedClick> clicks = [.. _clicks.Select(entry => entry.Placed)];
        List<PlacedBox> boxes = [.. _boxes.Select(entry => entry.Placed)];
        if (boxes.Count > 0 && !_model.Options.Prompts.HasBoxEmbeddings)
        {
            notes.Add(boxes.Count == 1
                ? "The weights have no box embeddings, so the box was given as a foreground click at its centre."
                : $"The weights have no box embeddings, so the {boxes.Count} boxes were given as foreground clicks at their centres.");
            clicks.InsertRange(0, boxes.Select(box => new PlacedClick(Centre(box), IsForeground: true)));
            boxes.Clear();
        }

        if (_mask is null && boxes.Count == 0 && !clicks.Any(click => click.IsForeground))
            throw new InvalidOperationException(clicks.Count == 0
                ? "There are no prompts: add a click, a box or a mask before predicting."
                : "There are background clicks only: add a foreground click, a box or a mask, which say where the object is.");
        return new PlacedPrompts(clicks, boxes, _mask);
    }

    /// <summary>As published, the first patch has the object's known part in its middle: the mask, else the box, else the first click.</summary>
    private CropOrPad First(PlacedPrompts prompts)
    {
        if (prompts.Mask is { } mask)
            return CropOrPad.AroundLabels(mask, _model.Options.Encoder.ImageSize);
        if (prompts.Boxes is [var box, ..])
            return _image.PatchAround(box.Low, box.High);
        var click = prompts.Clicks.First(click => click.IsForeground).Voxel;
        return _image.PatchAround(click, click);
    }

    private static Size3 Centre(PlacedBox box) =>
        new((box.Low.X + box.High.X) / 2, (box.Low.Y + box.High.Y) / 2, (box.Low.Z + box.High.Z) / 2);

    private void ThrowIfGone() => ObjectDisposedException.ThrowIf(_isGone, this);
}
