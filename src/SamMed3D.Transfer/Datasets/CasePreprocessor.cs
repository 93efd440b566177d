namespace SamMed3D.Transfer;

/// <summary>Opens cases and makes them ready for the network, in SAM-Med3D's order: resample, reorient to RAS+, normalise.</summary>
public sealed class CasePreprocessor
{
    /// <summary>Goes up when the same options give other voxels, so that nothing cached before is taken for the new.</summary>
    private const int Version = 1;

    private readonly PreprocessingOptions _options;
    private readonly int _channelCount;

    /// <param name="options">What to do.</param>
    /// <param name="channelCount">Channels that every image must have.</param>
    /// <param name="labels">What the values of label maps mean.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public CasePreprocessor(PreprocessingOptions options, int channelCount, LabelScheme labels)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(labels);
        _options = options.Validated();
        _channelCount = channelCount;
        Labels = labels.Validated();
        if (options.Normalization == Normalization.CtClip && options.Statistics is not { Count: > 0 })
            throw new ArgumentException(
                "Normalization CtClip needs the Statistics of the training cases; compute them with DatasetStatistics.Of.", nameof(options));
        if (options.Normalization == Normalization.CtClip && options.Statistics!.Count != 1 && options.Statistics.Count != channelCount)
            throw new ArgumentException($"Expected Statistics for {channelCount} channels, or one for all, got {options.Statistics.Count}.", nameof(options));
    }

    /// <summary>For classes that exclude each other.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="channelCount">Channels that every image must have.</param>
    /// <param name="classCount">Classes, background included; labels are 0 to this - 1.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public CasePreprocessor(PreprocessingOptions options, int channelCount, int classCount)
        : this(options, channelCount, LabelScheme.Numbered(classCount))
    {
    }

    /// <summary>For the cases of a data set.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public CasePreprocessor(PreprocessingOptions options, DatasetManifest manifest)
        : this(options, (manifest ?? throw new ArgumentNullException(nameof(manifest))).ChannelNames.Count, manifest.Labels)
    {
    }

    /// <summary>What the values of label maps mean.</summary>
    public LabelScheme Labels { get; }

    /// <summary>What is done to a case, as text: equal texts make equal voxels of equal files.</summary>
    internal string Recipe => FormattableString.Invariant(
        $"preprocessing {Version}\n{new ConfigWriter(new ConfigSchema()).Write(_options)}channels {_channelCount}\nlabels {string.Join(' ', Labels.FileValues)} ignored {Labels.IgnoreValue}\n");

    /// <summary>Reads, checks and preprocesses a case; the caller owns it.</summary>
    /// <exception cref="InvalidDataException">
    /// A file is damaged, image and labels lie on different grids, labels have values that are no classes, or the image cannot be normalised.
    /// </exception>
    public PreprocessedCase Open(DatasetCase one)
    {
        ArgumentNullException.ThrowIfNull(one);
        var (image, labels) = CaseFiles.Read(one, _channelCount, Labels);
        using (image)
        using (labels)
        {
            try
            {
                return Prepare(image, labels, one.Id, isOwned: true);
            }
            catch (ArgumentException reason)
            {
                throw new InvalidDataException($"{one.ImagePaths[0]}: {TorchError.Reason(reason)}", reason);
            }
        }
    }

    /// <summary>Preprocesses an image; the result is the caller's, as are the volumes that it was made from.</summary>
    /// <param name="image">As it was read.</param>
    /// <param name="labels">On the same grid; null for prediction.</param>
    /// <param name="id">A name for messages.</param>
    /// <exception cref="ArgumentException">The image has other channels, labels lie on another grid, or voxels are not finite or cannot be normalised.</exception>
    public PreprocessedCase Prepare(Volume image, LabelVolume? labels = null, string id = "image") => Prepare(image, labels, id, isOwned: false);

    /// <summary>The same for an image that is disposed as soon as it is not needed: not more than two of its size are held at a time.</summary>
    internal PreprocessedCase PrepareOwned(Volume image) => Prepare(image, null, "image", isOwned: true);

    private PreprocessedCase Prepare(Volume image, LabelVolume? labels, string id, bool isOwned)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Channels != _channelCount)
            throw new ArgumentException($"Expected an image of {_channelCount} channel(s), got {image.Channels}.", nameof(image));
        if (labels is not null && !labels.Geometry.Matches(image.Geometry))
            throw new ArgumentException($"Expected labels on the image's grid ({image.Geometry}), got {labels.Geometry}.", nameof(labels));
        for (int channel = 0; channel < image.Channels; channel++)
            foreach (float value in image.Voxels(channel))
                if (!float.IsFinite(value))
                    throw new ArgumentException("Expected finite intensities, got NaN or infinite ones; replace them first.", nameof(image));

        var source = image.Geometry;
        var canonical = Canonical(image, ref isOwned);
        Volume normalised;
        float[] outside;
        try
        {
            normalised = Normalised(canonical);
            outside = OutsideValues(canonical, normalised);
        }
        finally
        {
            if (isOwned)
                canonical.Dispose();
        }

        if (labels is null)
            return new PreprocessedCase(id, normalised, null, source, outside);
        // On the image's very grid: headers that differ by a rounding must not give them another size.
        using var placed = new LabelVolume(labels.Values.alias(), source);
        using var resampledLabels = Resampler.ToSpacing(placed, SpacingOf(source));
        return new PreprocessedCase(id, normalised, Reorientation.ToCanonical(resampledLabels), source, outside);
    }

    /// <summary>The wanted spacing along the axes of the file.</summary>
    private Double3 SpacingOf(Geometry file)
    {
        if (_options.Spacing is not { } wanted)
            return file.Spacing;
        var order = file.Orientation;
        return new Double3(wanted[order.WorldAxis(0)], wanted[order.WorldAxis(1)], wanted[order.WorldAxis(2)]);
    }

    /// <summary>An image at the wanted spacing and in RAS+ order: itself where it is so already.</summary>
    /// <param name="image">The image.</param>
    /// <param name="isOwned">Whether it may be disposed; afterwards, whether what is returned may be.</param>
    /// <remarks>
    /// Rounding the size up can leave a last plane outside the image, which resampling fills with 0. That is what SAM-Med3D does; for the
    /// other normalisations, where 0 means nothing (in CT it is water), the lowest value of the channel takes its place.
    /// </remarks>
    private Volume Canonical(Volume image, ref bool isOwned)
    {
        using var scope = NewDisposeScope();
        bool isShifted = _options.Normalization is not (Normalization.ZScorePositive or Normalization.None);
        var spacing = SpacingOf(image.Geometry);
        var lowest = isShifted ? image.Values.amin([1, 2, 3], keepdim: true) : null;
        var current = image;
        try
        {
            if (lowest is not null)
                Replace(new Volume(image.Values - lowest, image.Geometry), ref isOwned);
            if (Resampler.GridFor(current.Geometry, spacing) != current.Geometry)
                Replace(Resampler.ToSpacing(current, spacing), ref isOwned);
            if (lowest is not null)
                current.Values.add_(lowest);
            if (current.Geometry.Orientation != Orientation.Canonical)
                Replace(Reorientation.ToCanonical(current), ref isOwned);
            return current;
        }
        catch
        {
            if (isOwned)
                current.Dispose();
            throw;
        }

        void Replace(Volume next, ref bool isOwned)
        {
            if (isOwned)
                current.Dispose();
            (current, isOwned) = (next, true);
        }
    }

    private Volume Normalised(Volume image) => _options.Normalization switch
    {
        Normalization.ZScorePositive => IntensityNormalization.ZScoreOverPositive(image),
        Normalization.ZScore => IntensityNormalization.ZScore(image),
        Normalization.None => new Volume(image.Values.clone(), image.Geometry),
        Normalization.CtClip => IntensityNormalization.ClipAndZScore(image, _options.Statistics!),
        _ => IntensityNormalization.Rescale01(image),
    };

    /// <summary>
    /// What lies outside: for SAM-Med3D's normalisation what 0 became (it pads with 0 before it normalises, and background is 0),
    /// for the others the lowest value of the image (air, in CT and in most MR).
    /// </summary>
    private float[] OutsideValues(Volume before, Volume after) =>
        [.. Enumerable.Range(0, before.Channels).Select(channel => OutsideValue(before.Voxels(channel), after.Voxels(channel)))];

    private float OutsideValue(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        int least = 0, most = 0;
        for (var voxel = 1; voxel < before.Length; voxel++)
        {
            least = before[voxel] < before[least] ? voxel : least;
            most = before[voxel] > before[most] ? voxel : most;
        }

        if (_options.Normalization == Normalization.None)
            return 0;
        if (_options.Normalization != Normalization.ZScorePositive)
            return after[least];
        // The normalisation is a straight line, and positive values differ, or it would have been refused.
        double slope = ((double)after[most] - after[least]) / ((double)before[most] - before[least]);
        return (float)(after[least] - slope * before[least]);
    }
}
