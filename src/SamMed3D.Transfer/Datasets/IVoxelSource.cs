namespace SamMed3D.Transfer;

/// <summary>A preprocessed case that patches are cut from: in memory, or an entry of the cache. Safe for several threads at once.</summary>
internal interface IVoxelSource
{
    /// <summary>The case's id.</summary>
    string Id { get; }

    /// <summary>The preprocessed grid.</summary>
    Geometry Geometry { get; }

    /// <summary>Channels of the image.</summary>
    int Channels { get; }

    /// <summary>Whether there is a label map.</summary>
    bool HasLabels { get; }

    /// <summary>For each channel, what a voxel outside the image would hold.</summary>
    IReadOnlyList<float> OutsideValues { get; }

    /// <summary>Copies what a box and the case have in common; the rest of the box stays as it is.</summary>
    /// <param name="channel">Of the image.</param>
    /// <param name="place">The case's voxel that is the box's first.</param>
    /// <param name="size">Extents of the box.</param>
    /// <param name="box">[X, Y, Z], Z fastest.</param>
    void ReadImage(int channel, PatchPlace place, Size3 size, Span<float> box);

    /// <summary>The same for the labels.</summary>
    void ReadLabels(PatchPlace place, Size3 size, Span<int> box);
}
