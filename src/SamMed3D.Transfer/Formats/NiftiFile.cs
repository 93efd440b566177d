namespace SamMed3D.Transfer;

/// <summary>
/// A NIfTI-1 or NIfTI-2 file: .nii, or .hdr with .img, plain or gzipped; what it is shows in its bytes, not in its name. Opening reads
/// and checks the header only. A size in the header is believed only as far as the file can hold it.
/// </summary>
public sealed class NiftiFile : StoredVolume
{
    private readonly string _voxelPath;

    private NiftiFile(string path, string voxelPath, NiftiHeader header, StoredAxes axes)
        : base(path, axes, GridOf(path, axes, header.Affine))
    {
        _voxelPath = voxelPath;
        Header = header;
    }

    /// <summary>What the header says.</summary>
    public NiftiHeader Header { get; }

    /// <inheritdoc/>
    public override string? PlacementDoubt => Header.Doubt;

    internal override bool IsPlaced => Header.IsPlaced;

    /// <inheritdoc/>
    public override string Format =>
        $"NIfTI-{Header.Version}, {Header.StoredType}{(Header.IsPair ? ", header and voxels in two files" : "")}";

    /// <summary>Reads and checks the header. All axes after the third are channels.</summary>
    /// <param name="path">The file; of a pair, either one.</param>
    /// <exception cref="InvalidDataException">It is no sound NIfTI file; the message has the path and the reason.</exception>
    public static NiftiFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string headerPath = NiftiPair.HeaderOf(path);
        NiftiHeader header;
        using (var reader = new InflatingReader(headerPath))
            header = NiftiHeaderReader.Read(reader, path);
        string voxelPath = header.IsPair ? NiftiPair.VoxelsOf(path, headerPath) : headerPath;
        OpenVoxels(path, voxelPath, header).Dispose();
        return new(path, voxelPath, header, new StoredAxes(header.Shape, [.. header.Shape.Select((_, axis) => axis < 3)]));
    }

    internal override VoxelStream OpenVoxels() => OpenVoxels(Path, _voxelPath, Header);

    private static BinaryVoxels OpenVoxels(string path, string voxelPath, NiftiHeader header) => new(
        path, new InflatingReader(voxelPath), header.VoxelOffset,
        new StoredNumbers(header.StoredType, header.VoxelCount, header.IsBigEndian, header.Slope, header.Intercept));
}
