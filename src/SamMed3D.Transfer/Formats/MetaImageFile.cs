namespace SamMed3D.Transfer;

/// <summary>
/// A MetaImage: .mha, or a .mhd header with its data in another file (https://itk.org/Wiki/ITK/MetaIO/Documentation). Its space is LPS.
/// The channels of a voxel lie together; a fourth axis makes more of them.
/// </summary>
internal sealed class MetaImageFile : StoredVolume
{
    private readonly MetaImageFields _fields;
    private readonly string? _dataPath;
    private readonly StoredNumbers _numbers;

    private MetaImageFile(string path, MetaImageFields fields, string? dataPath, StoredNumbers numbers, StoredAxes axes, Affine affine)
        : base(path, axes, GridOf(path, axes, affine)) =>
        (_fields, _dataPath, _numbers) = (fields, dataPath, numbers);

    public override string Format =>
        $"MetaImage, {_numbers.Type}{(IsCompressed ? ", zlib" : "")}{(_dataPath is null ? "" : ", header and voxels in two files")}";

    // What ITK and 3D Slicer write has a matrix; RAI is the identity in words.
    internal override bool IsPlaced => _fields.Text("TransformMatrix", "Rotation", "Orientation") is not null || _fields.Text("AnatomicalOrientation") == "RAI";

    public override string? PlacementDoubt => IsPlaced ? null
        : "no TransformMatrix says which way the axes run; they are taken to run to the left, the back and the head, as ITK takes them";

    private bool IsCompressed => _fields.Flag(false, "CompressedData");

    /// <summary>Whether a text begins like a MetaImage header.</summary>
    public static bool Recognises(string start)
    {
        int equals = start.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && start[..equals].Trim() is
            "ObjectType" or "NDims" or "ObjectSubType" or "Comment" or "ID" or "Name" or "ParentID" or "TransformType" or "BinaryData" or "DimSize";
    }

    /// <summary>Reads and checks the header, and whether the data file can hold what it promises.</summary>
    /// <exception cref="InvalidDataException">It is no sound MetaImage; the message has the path and the reason.</exception>
    public static MetaImageFile Open(string path)
    {
        MetaImageFields fields = MetaImageFields.Read(path);
        if (fields.Text("ObjectType") is { } kind && !kind.Equals("Image", StringComparison.OrdinalIgnoreCase))
            throw BrokenFile.Because(path, $"ObjectType is {BrokenFile.Quote(kind)}, expected Image");
        long axes = fields.Number("NDims") ?? throw BrokenFile.Because(path, "the header has no NDims line");
        if (axes is < 2 or > 4)
            throw BrokenFile.Because(path, $"NDims is {axes}, expected 2, 3 or 4");
        long[] extents = ReadExtents(path, fields, (int)axes);
        long channels = fields.Number("ElementNumberOfChannels") ?? 1;
        StoredAxes.RequireSound(path, "DimSize with ElementNumberOfChannels", [channels, .. extents]);
        RequirePlainValues(path, fields);
        var places = channels == 1 ? new StoredAxes(extents, [.. extents.Select((_, axis) => axis < 3)])
            : new StoredAxes([channels, .. extents], [false, .. extents.Select((_, axis) => axis < 3)]);
        var numbers = new StoredNumbers(ReadType(path, fields), places.Count, fields.Flag(false, "BinaryDataByteOrderMSB", "ElementByteOrderMSB"));
        string name = fields.Text("ElementDataFile")!;
        string? data = name.Equals("LOCAL", StringComparison.OrdinalIgnoreCase) ? null : DetachedData.Find(path, SingleFile(path, name));
        var file = new MetaImageFile(path, fields, data, numbers, places, ReadAffine(path, fields, (int)axes));
        file.OpenVoxels().Dispose();
        return file;
    }

    internal override IReadOnlyList<string> Files => _dataPath is null ? [Path] : [Path, _dataPath];

    internal override VoxelStream OpenVoxels()
    {
        long start = _dataPath is null ? _fields.DataOffset : 0;
        string path = _dataPath ?? Path;
        long header = _fields.Number("HeaderSize") ?? 0;
        if (header < -1 || header > long.MaxValue / 16 || (header == -1 && IsCompressed))
            throw BrokenFile.Because(Path, $"HeaderSize is {header}, expected at least 0, or -1 where the voxels are the last bytes, not compressed");
        if (header == -1)
        {
            long bytes = _numbers.Count * _numbers.Type.BytesPerVoxel(), length = new FileInfo(path).Length;
            start = length - start >= bytes ? length - bytes
                : throw BrokenFile.Because(Path, $"the data is truncated: expected {bytes} bytes, the file has {length - start}");
        }
        else if (header > 0)
            start = _dataPath is null ? Math.Max(start, header) : header;
        var reader = new InflatingReader(path, start, IsCompressed ? StoredCompression.Zlib : StoredCompression.None);
        return _fields.Flag(true, "BinaryData")
            ? new BinaryVoxels(Path, reader, 0, _numbers, start + _fields.Number("CompressedDataSize"))
            : new TextVoxels(Path, reader, _numbers.Count);
    }

    private static long[] ReadExtents(string path, MetaImageFields fields, int axes)
    {
        double[] sizes = fields.Numbers(axes, "DimSize") ?? throw BrokenFile.Because(path, "the header has no DimSize line");
        if (sizes.Any(size => size != Math.Truncate(size) || Math.Abs(size) > long.MaxValue / 16))
            throw BrokenFile.Because(path, $"DimSize is {BrokenFile.Quote(fields.Text("DimSize")!)}, expected {axes} whole numbers");
        long[] extents = [.. sizes.Select(size => (long)size)];
        StoredAxes.RequireSound(path, "DimSize", extents);
        return extents;
    }

    /// <summary>Each group of numbers in TransformMatrix is the direction of an image axis, LPS.</summary>
    private static Affine ReadAffine(string path, MetaImageFields fields, int axes)
    {
        double[] spacing = fields.Numbers(axes, "ElementSpacing") ?? fields.Numbers(axes, "ElementSize") ?? [.. Enumerable.Repeat(1.0, axes)];
        double[] origin = fields.Numbers(axes, "Offset", "Position", "Origin") ?? new double[axes];
        double[] matrix = fields.Numbers(axes * axes, "TransformMatrix", "Rotation", "Orientation")
            ?? [.. Enumerable.Range(0, axes * axes).Select(index => index % (axes + 1) == 0 ? 1.0 : 0.0)];
        if (axes == 4 && Enumerable.Range(0, 3).Any(axis => matrix[4 * axis + 3] != 0 || matrix[12 + axis] != 0))
            throw BrokenFile.Because(path, "TransformMatrix mixes space with the fourth axis, which has no place in a volume");
        return new(Row(0, -1), Row(1, -1), Row(2, 1));

        // A missing third axis goes on to the head, 1 mm thick.
        AffineRow Row(int world, int sign) => new(Along(0, world) * sign, Along(1, world) * sign, Along(2, world) * sign, world < axes ? sign * origin[world] : 0);

        double Along(int axis, int world) => axis < axes && world < axes ? matrix[axes * axis + world] * spacing[axis]
            : axis == world ? 1 : 0;
    }

    private static VoxelType ReadType(string path, MetaImageFields fields) => fields.Text("ElementType") switch
    {
        "MET_CHAR" or "MET_ASCII_CHAR" => VoxelType.Int8,
        "MET_UCHAR" => VoxelType.UInt8,
        "MET_SHORT" => VoxelType.Int16,
        "MET_USHORT" => VoxelType.UInt16,
        "MET_INT" or "MET_LONG" => VoxelType.Int32,
        "MET_UINT" or "MET_ULONG" => VoxelType.UInt32,
        "MET_LONG_LONG" => VoxelType.Int64,
        "MET_ULONG_LONG" => VoxelType.UInt64,
        "MET_FLOAT" => VoxelType.Float32,
        "MET_DOUBLE" => VoxelType.Float64,
        null => throw BrokenFile.Because(path, "the header has no ElementType line"),
        var other => throw BrokenFile.Because(path, $"unsupported ElementType {BrokenFile.Quote(other)}; expected MET_UCHAR to MET_ULONG_LONG, MET_FLOAT or MET_DOUBLE"),
    };

    /// <summary>Some programs apply this scaling, ITK does not; nobody can tell which values were meant.</summary>
    private static void RequirePlainValues(string path, MetaImageFields fields)
    {
        double slope = fields.Numbers(1, "ElementToIntensityFunctionSlope")?[0] ?? 1, offset = fields.Numbers(1, "ElementToIntensityFunctionOffset")?[0] ?? 0;
        if (slope != 1 || offset != 0)
            throw BrokenFile.Because(path, FormattableString.Invariant(
                $"ElementToIntensityFunction has slope {slope} and offset {offset}, which programs read differently; save the values themselves"));
    }

    private static string SingleFile(string path, string name) =>
        name.StartsWith("LIST", StringComparison.Ordinal) || name.Contains('%', StringComparison.Ordinal)
            ? throw BrokenFile.Because(path, "the data is spread over several files, which is not supported; save it as one .mha file")
            : name;
}
