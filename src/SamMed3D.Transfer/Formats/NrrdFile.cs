namespace SamMed3D.Transfer;

/// <summary>An NRRD file: .nrrd, or a .nhdr header with its data in another file. Axes that are not of space become channels.</summary>
internal sealed class NrrdFile : StoredVolume
{
    private const int MostAxes = 16;
    private readonly NrrdFields _fields;
    private readonly string _dataPath;
    private readonly string _encoding;
    private readonly StoredNumbers _numbers;

    private NrrdFile(string path, NrrdFields fields, string dataPath, string encoding, StoredNumbers numbers, StoredAxes axes, Affine affine, string? doubt)
        : base(path, axes, GridOf(path, axes, affine)) =>
        (_fields, _dataPath, _encoding, _numbers, PlacementDoubt) = (fields, dataPath, encoding, numbers, doubt);

    public override string? PlacementDoubt { get; }

    // A doubt about an NRRD file is always that.
    internal override bool IsPlaced => PlacementDoubt is null;

    public override string Format =>
        $"NRRD, {_numbers.Type}, {_encoding}{(_fields.Text("datafile") is null ? "" : ", header and voxels in two files")}";

    /// <summary>Reads and checks the header, and whether the data file can hold what it promises.</summary>
    /// <exception cref="InvalidDataException">It is no sound NRRD file; the message has the path and the reason.</exception>
    public static NrrdFile Open(string path)
    {
        NrrdFields fields = NrrdFields.Read(path);
        VoxelType type = ReadType(path, fields.Required("type"));
        long dimension = fields.Number("dimension") ?? throw BrokenFile.Because(path, "the header has no 'dimension' line");
        if (dimension is < 1 or > MostAxes)
            throw BrokenFile.Because(path, $"dimension is {dimension}, expected 1 to {MostAxes}");
        string encoding = ReadEncoding(path, fields.Required("encoding").ToLowerInvariant());
        long[] sizes = ReadSizes(path, fields, (int)dimension);
        (StoredAxes axes, Affine affine, string? doubt) = NrrdGrid.Read(path, fields, sizes);
        var numbers = new StoredNumbers(type, axes.Count, encoding != "ascii" && type.BytesPerVoxel() > 1 && ReadEndian(path, fields));
        string data = fields.Text("datafile") is { } name ? DetachedData.Find(path, SingleFile(path, name)) : path;
        var file = new NrrdFile(path, fields, data, encoding, numbers, axes, affine, doubt);
        file.OpenVoxels().Dispose();
        return file;
    }

    internal override IReadOnlyList<string> Files => _fields.Text("datafile") is null ? [Path] : [Path, _dataPath];

    internal override VoxelStream OpenVoxels()
    {
        long start = _fields.Text("datafile") is null ? _fields.DataOffset : 0;
        long lines = _fields.Number("lineskip") ?? 0, skip = _fields.Number("byteskip") ?? 0;
        if (lines < 0 || skip < -1 || (skip == -1 && _encoding != "raw"))
            throw BrokenFile.Because(Path, $"line skip {lines} and byte skip {skip}: expected at least 0, or a byte skip of -1 with raw data");
        if (lines > 0)
        {
            using var text = new HeaderText(_dataPath);
            text.MoveTo(start);
            if (!text.SkipLines(lines))
                throw BrokenFile.Because(Path, $"the data is truncated: expected {lines} lines before it");
            start = text.Position;
        }
        if (skip == -1)
        {
            long bytes = _numbers.Count * _numbers.Type.BytesPerVoxel(), length = new FileInfo(_dataPath).Length - start;
            skip = length >= bytes ? length - bytes
                : throw BrokenFile.Because(Path, $"the data is truncated: expected {bytes} bytes, the file has {length}");
        }
        if (skip > long.MaxValue / 16)
            throw BrokenFile.Because(Path, $"byte skip is too large: {skip}");
        var reader = new InflatingReader(_dataPath, start, _encoding switch
        {
            "gzip" => StoredCompression.Gzip,
            "hex" => StoredCompression.Hex,
            _ => StoredCompression.None,
        });
        if (_encoding != "ascii")
            return new BinaryVoxels(Path, reader, skip, _numbers);
        reader.Skip(skip);
        return new TextVoxels(Path, reader, _numbers.Count);
    }

    private static string ReadEncoding(string path, string encoding) => encoding switch
    {
        "raw" => "raw",
        "gz" or "gzip" => "gzip",
        "txt" or "text" or "ascii" => "ascii",
        "hex" => "hex",
        "bz2" or "bzip2" => throw BrokenFile.Because(path, "the encoding is bzip2, which is not supported; write it with gzip or raw encoding"),
        _ => throw BrokenFile.Because(path, $"unsupported encoding {BrokenFile.Quote(encoding)}; expected raw, gzip, ascii or hex"),
    };

    private static long[] ReadSizes(string path, NrrdFields fields, int dimension)
    {
        fields.Required("sizes");
        double[] sizes = fields.Numbers("sizes", dimension)!;
        if (sizes.Any(size => size != Math.Truncate(size) || Math.Abs(size) > long.MaxValue / 16))
            throw BrokenFile.Because(path, $"sizes is {BrokenFile.Quote(fields.Text("sizes")!)}, expected {dimension} whole numbers");
        long[] extents = [.. sizes.Select(size => (long)size)];
        StoredAxes.RequireSound(path, "sizes", extents);
        return extents;
    }

    private static bool ReadEndian(string path, NrrdFields fields) => fields.Text("endian")?.ToLowerInvariant() switch
    {
        "little" => false,
        "big" => true,
        null => throw BrokenFile.Because(path, "the header has no 'endian' line; expected endian: little or endian: big"),
        var other => throw BrokenFile.Because(path, $"endian is {BrokenFile.Quote(other)}, expected little or big"),
    };

    private static string SingleFile(string path, string name) =>
        name.StartsWith("LIST", StringComparison.Ordinal) || name.Contains('%', StringComparison.Ordinal)
            ? throw BrokenFile.Because(path, "the data is spread over several files, which is not supported; save it as one .nrrd file")
            : name;

    private static VoxelType ReadType(string path, string type) => type.ToLowerInvariant() switch
    {
        "signed char" or "int8" or "int8_t" => VoxelType.Int8,
        "uchar" or "unsigned char" or "uint8" or "uint8_t" => VoxelType.UInt8,
        "short" or "short int" or "signed short" or "signed short int" or "int16" or "int16_t" => VoxelType.Int16,
        "ushort" or "unsigned short" or "unsigned short int" or "uint16" or "uint16_t" => VoxelType.UInt16,
        "int" or "signed int" or "int32" or "int32_t" => VoxelType.Int32,
        "uint" or "unsigned int" or "uint32" or "uint32_t" => VoxelType.UInt32,
        "longlong" or "long long" or "long long int" or "signed long long" or "signed long long int" or "int64" or "int64_t" => VoxelType.Int64,
        "ulonglong" or "unsigned long long" or "unsigned long long int" or "uint64" or "uint64_t" => VoxelType.UInt64,
        "float" => VoxelType.Float32,
        "double" => VoxelType.Float64,
        _ => throw BrokenFile.Because(path, $"unsupported type {BrokenFile.Quote(type)}; expected integers of 8 to 64 bits, float or double"),
    };
}
