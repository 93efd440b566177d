namespace SamMed3D.Transfer;

/// <summary>
/// An image made ready for a promptable model as SAM-Med3D's inference does (resampled, RAS+; patches are padded with 0 and normalised
/// by their voxels above 0), with the embeddings of the patches that were looked at so far.
/// </summary>
internal sealed class PromptableImage : IDisposable
{
    private readonly PromptableModel _model;
    private readonly Volume _prepared;
    private readonly Dictionary<Size3, Tensor> _embeddings = [];

    public PromptableImage(Volume image, PromptableModel model, Double3 spacing)
    {
        int channels = model.Options.Encoder.InputChannels;
        if (image.Channels != channels)
            throw new ArgumentException($"Expected an image of {channels} channel(s), got {image.Channels}.", nameof(image));
        using (var scope = NewDisposeScope())
            if (!image.Values.isfinite().all().ToBoolean())
                throw new ArgumentException("Expected finite intensities, got NaN or infinite ones; replace them first.", nameof(image));
        _model = model;
        File = image.Geometry;
        var order = File.Orientation;
        FileSpacing = new Double3(spacing[order.WorldAxis(0)], spacing[order.WorldAxis(1)], spacing[order.WorldAxis(2)]);
        using var resampled = Resampler.ToSpacing(image, FileSpacing);
        _prepared = Reorientation.ToCanonical(resampled);
    }

    /// <summary>The grid of the input file.</summary>
    public Geometry File { get; }

    /// <summary>The grid that patches are cut from: RAS+, at the model's spacing.</summary>
    public Geometry Grid => _prepared.Geometry;

    /// <summary>The model's spacing along the axes of the file.</summary>
    private Double3 FileSpacing { get; }

    /// <summary>The voxel of <see cref="Grid"/> at a place.</summary>
    /// <exception cref="ArgumentException">The place is no place, or outside the image.</exception>
    public Size3 Place(Double3 position, CoordinateSpace space, string what)
    {
        if (!double.IsFinite(position.X) || !double.IsFinite(position.Y) || !double.IsFinite(position.Z))
            throw new ArgumentException(FormattableString.Invariant(
                $"Expected three finite coordinates for {what}, got ({position.X}, {position.Y}, {position.Z})."));
        var index = space == CoordinateSpace.World ? File.ToIndex(position) : position;
        for (int axis = 0; axis < 3; axis++)
            if (!(index[axis] >= -0.5 && index[axis] < File.Size[axis] - 0.5))
                throw new ArgumentException(FormattableString.Invariant(
                    $"Expected {what} inside the image of {File.Size} voxels, got ({position.X:G6}, {position.Y:G6}, {position.Z:G6}){Place(space, index)}."));
        var place = Grid.ToIndex(File.ToWorld(index));
        int Nearest(int axis) => Math.Clamp((int)Math.Floor(place[axis] + 0.5), 0, Grid.Size[axis] - 1);
        return new Size3(Nearest(0), Nearest(1), Nearest(2));
    }

    /// <summary>A box on <see cref="Grid"/>.</summary>
    /// <exception cref="ArgumentException">A corner is no place, or outside the image.</exception>
    public PlacedBox Place(BoxPrompt box)
    {
        var (from, to) = (Place(box.From, box.Space, "a box's corner"), Place(box.To, box.Space, "a box's corner"));
        return new PlacedBox(
            new(Math.Min(from.X, to.X), Math.Min(from.Y, to.Y), Math.Min(from.Z, to.Z)),
            new(Math.Max(from.X, to.X), Math.Max(from.Y, to.Y), Math.Max(from.Z, to.Z)));
    }

    /// <summary>A mask on <see cref="Grid"/>; the caller owns it.</summary>
    /// <exception cref="ArgumentException">It lies on another grid than the file, or is empty.</exception>
    public LabelVolume Place(LabelVolume mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (!mask.Geometry.Matches(File))
            throw new ArgumentException($"Expected a mask on the image's grid ({File}), got {mask.Geometry}.", nameof(mask));
        using var scope = NewDisposeScope();
        using var binary = new LabelVolume((mask.Values != 0).to(ScalarType.Int32), File);
        using var resampled = Resampler.ToSpacing(binary, FileSpacing);
        var placed = Reorientation.ToCanonical(resampled);
        if (placed.Values.any().ToBoolean())
            return placed;
        placed.Dispose();
        throw new ArgumentException($"Expected a mask with an object in it, got an empty one (at a spacing of {Grid.Spacing} mm).", nameof(mask));
    }

    /// <summary>A patch whose middle is at a voxel, as published: it may reach beyond the image.</summary>
    public CropOrPad PatchAround(Size3 low, Size3 high)
    {
        var size = _model.Options.Encoder.ImageSize;
        int Begin(int axis) => (int)Math.Floor((low[axis] + high[axis] + 1 - size[axis]) / 2.0);
        return PatchAt(new Size3(Begin(0), Begin(1), Begin(2)));
    }

    /// <summary>A patch at a place.</summary>
    public CropOrPad PatchAt(Size3 begin) =>
        CropOrPad.At(Grid, [begin.X, begin.Y, begin.Z], _model.Options.Encoder.ImageSize);

    /// <summary>The embedding of a patch, computed once: [1, C, X', Y', Z']. It stays this image's.</summary>
    /// <exception cref="ArgumentException">The patch has no voxels above 0 to be normalised by.</exception>
    public Tensor Embedding(CropOrPad patch)
    {
        var begin = new Size3(patch.Begin[0], patch.Begin[1], patch.Begin[2]);
        if (_embeddings.TryGetValue(begin, out var known))
            return known;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var region = patch.Apply(_prepared);
        using var normalised = IntensityNormalization.ZScoreOverPositive(region);
        var parameter = _model.parameters().First();
        return _embeddings[begin] = _model.Encode(normalised.Values.unsqueeze(0).to(parameter.dtype, parameter.device)).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _prepared.Dispose();
        foreach (var embedding in _embeddings.Values)
            embedding.Dispose();
    }

    private static string Place(CoordinateSpace space, Double3 index) => space == CoordinateSpace.Voxel
        ? string.Empty
        : FormattableString.Invariant($" mm, which is voxel ({index.X:F1}, {index.Y:F1}, {index.Z:F1})");
}
