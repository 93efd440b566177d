namespace SamMed3D.Transfer;

/// <summary>A case as the network sees it: RAS+, at the wanted spacing, normalised; and what is needed to go back. It owns its volumes.</summary>
public sealed class PreprocessedCase : IDisposable
{
    internal PreprocessedCase(string id, Volume image, LabelVolume? labels, Geometry source, IReadOnlyList<float> outsideValues)
    {
        Id = id;
        Image = image;
        Labels = labels;
        Source = source;
        OutsideValues = outsideValues;
    }

    /// <summary>The case's id.</summary>
    public string Id { get; }

    /// <summary>[C, X, Y, Z].</summary>
    public Volume Image { get; }

    /// <summary>[X, Y, Z] on the image's grid; null where the case has none.</summary>
    public LabelVolume? Labels { get; }

    /// <summary>The grid of the file that the image came from.</summary>
    public Geometry Source { get; }

    /// <summary>For each channel, what a voxel outside the image would hold after normalisation. Patches are padded with it.</summary>
    public IReadOnlyList<float> OutsideValues { get; }

    /// <summary>Memory of the voxels.</summary>
    public long Bytes => (Image.Channels + (Labels is null ? 0 : 1)) * sizeof(float) * Image.Geometry.Size.Count;

    /// <inheritdoc/>
    public void Dispose()
    {
        Image.Dispose();
        Labels?.Dispose();
    }
}
