using System.Buffers.Binary;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Takes a NIfTI header apart and refuses what makes no sense.</summary>
internal ref struct NiftiHeaderReader
{
    private const int Length1 = 348, Length2 = 540;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _path;
    private readonly bool _bigEndian;
    private readonly bool _second;

    private NiftiHeaderReader(ReadOnlySpan<byte> bytes, string path, bool bigEndian, bool second)
    {
        _bytes = bytes;
        _path = path;
        _bigEndian = bigEndian;
        _second = second;
    }

    /// <summary>Whether a file begins like a NIfTI header, in either version and byte order.</summary>
    public static bool Recognises(ReadOnlySpan<byte> start) => start.Length >= 4 && HeaderLength(start, out _) != 0;

    /// <summary>Reads the header that the stream stands before.</summary>
    /// <exception cref="InvalidDataException">It is not a sound NIfTI header.</exception>
    public static NiftiHeader Read(InflatingReader stream, string path)
    {
        byte[] buffer = new byte[Length2];
        int count = stream.Read(buffer.AsSpan(0, Length1));
        if (count == 0)
            throw BrokenFile.Because(path, "the file is empty; expected a NIfTI header of 348 or 540 bytes");
        bool bigEndian = false;
        int length = count < 4 ? 0 : HeaderLength(buffer, out bigEndian);
        if (length == 0)
            throw BrokenFile.Because(path, count < 4
                ? $"not a NIfTI file: {count} bytes are shorter than a header"
                : FileContent.NameOf(buffer.AsSpan(0, count).ToArray()) is { } kind
                    ? $"not a NIfTI file but {kind}"
                    : $"not a NIfTI file: sizeof_hdr is {BinaryPrimitives.ReadInt32LittleEndian(buffer)}, expected 348 or 540");
        if (length == Length2 && count == Length1)
            count += stream.Read(buffer.AsSpan(Length1));
        if (count < length)
            throw BrokenFile.Because(path, $"the header is truncated: expected {length} bytes, got {count}");
        return new NiftiHeaderReader(buffer.AsSpan(0, length), path, bigEndian, length == Length2).Parse();
    }

    private static int HeaderLength(ReadOnlySpan<byte> bytes, out bool bigEndian)
    {
        bigEndian = BinaryPrimitives.ReadInt32BigEndian(bytes) is Length1 or Length2;
        int length = bigEndian ? BinaryPrimitives.ReadInt32BigEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length is Length1 or Length2 ? length : 0;
    }

    private readonly NiftiHeader Parse()
    {
        bool isPair = ReadMagic();
        long[] shape = ReadShape();
        VoxelType type = ReadType();
        (double slope, double intercept) = ReadScaling();
        double[] pixdim = new double[8];
        for (int axis = 0; axis < 8; axis++)
            pixdim[axis] = Real(_second ? 104 + 8 * axis : 76 + 4 * axis);
        double[] zooms = new double[shape.Length];
        for (int axis = 0; axis < zooms.Length; axis++)
            zooms[axis] = Math.Abs(pixdim[axis + 1]);
        var affine = ReadAffine(shape, pixdim);
        return new NiftiHeader
        {
            Version = _second ? 2 : 1,
            IsBigEndian = _bigEndian,
            IsPair = isPair,
            Shape = shape,
            StoredType = type,
            Slope = slope,
            Intercept = intercept,
            Zooms = zooms,
            Affine = affine,
            Doubt = IsBySform ? Conflict(shape, pixdim, affine) : HasQform ? null
                : "neither sform nor qform says where the voxels are; the first axis is taken to run to the left, as nibabel takes it",
            IsPlaced = IsBySform || HasQform,
            VoxelOffset = ReadOffset(isPair),
        };
    }

    private readonly bool ReadMagic()
    {
        ReadOnlySpan<byte> magic = _bytes.Slice(_second ? 4 : 344, 4);
        if (magic.SequenceEqual(_second ? "n+2\0"u8 : "n+1\0"u8))
            return false;
        if (magic.SequenceEqual(_second ? "ni2\0"u8 : "ni1\0"u8))
            return true;
        throw BrokenFile.Because(_path, magic.SequenceEqual("\0\0\0\0"u8)
            ? "the magic is empty: an ANALYZE 7.5 header, not NIfTI, which does not tell left from right"
            : $"the magic is {BrokenFile.Quote(Encoding.Latin1.GetString(magic).TrimEnd('\0'))}, " +
                "expected n+1 or ni1 (NIfTI-1), n+2 or ni2 (NIfTI-2)");
    }

    private readonly long[] ReadShape()
    {
        long axes = Dimension(0);
        if (axes is < 1 or > 7)
            throw BrokenFile.Because(_path, $"dim[0] is {axes}, expected 1 to 7 axes");
        var shape = new long[axes];
        double product = 1;
        for (int axis = 0; axis < axes; axis++)
        {
            shape[axis] = Dimension(axis + 1);
            if (shape[axis] < 1)
                throw BrokenFile.Because(_path, $"dim[{axis + 1}] is {shape[axis]}, expected at least 1");
            product *= shape[axis];
        }
        if (product > long.MaxValue / 16)
            throw BrokenFile.Because(_path, $"dim is too large: {string.Join(" x ", shape)} voxels");
        return shape;
    }

    private readonly VoxelType ReadType()
    {
        int code = Int16(_second ? 12 : 70);
        if (Enum.IsDefined((VoxelType)code))
            return (VoxelType)code;
        string name = code switch
        {
            1 => "1-bit",
            32 => "complex64",
            128 => "RGB",
            1536 => "float128",
            1792 => "complex128",
            2048 => "complex256",
            2304 => "RGBA",
            _ => "unknown",
        };
        throw BrokenFile.Because(_path, $"unsupported datatype {code} ({name}); expected integers of 8 to 64 bits, float32 or float64");
    }

    private readonly (double Slope, double Intercept) ReadScaling()
    {
        double slope = Real(_second ? 176 : 112), intercept = Real(_second ? 184 : 116);
        if (!double.IsFinite(slope) || slope == 0)
            return (1, 0);
        return double.IsFinite(intercept)
            ? (slope, intercept)
            : throw BrokenFile.Because(_path, $"scl_inter is {intercept} with scl_slope {slope}, expected a finite intercept");
    }

    private readonly long ReadOffset(bool isPair)
    {
        double offset = _second ? Int64(168) : Real(108);
        long least = isPair ? 0 : _bytes.Length;
        return offset >= least && offset < long.MaxValue / 16 && offset == Math.Floor(offset)
            ? (long)offset
            : throw BrokenFile.Because(_path, FormattableString.Invariant(
                $"the voxel offset (vox_offset) is {offset}, expected a whole number from {least} on"));
    }

    private readonly bool IsBySform => (_second ? Int32(348) : Int16(254)) > 0;

    private readonly bool HasQform => (_second ? Int32(344) : Int16(252)) > 0;

    private readonly Affine ReadAffine(long[] shape, double[] pixdim)
    {
        if (IsBySform)
        {
            var rows = new double[12];
            for (int index = 0; index < 12; index++)
                rows[index] = Real(_second ? 400 + 8 * index : 280 + 4 * index);
            return Affine.FromRows(rows);
        }
        return HasQform ? ReadQform(shape, pixdim) : NiftiAffine.AroundCentre(shape, NiftiAffine.Spacing(shape.Length, pixdim));
    }

    private readonly Affine ReadQform(long[] shape, double[] pixdim)
    {
        var numbers = new double[6];
        for (int index = 0; index < 6; index++)
            numbers[index] = Real(_second ? 352 + 8 * index : 256 + 4 * index);
        return NiftiAffine.FromQuaternion(
            new(numbers[0], numbers[1], numbers[2]), new(numbers[3], numbers[4], numbers[5]),
            NiftiAffine.Spacing(shape.Length, pixdim), isReversed: pixdim[0] < 0);
    }

    private readonly string? Conflict(long[] shape, double[] pixdim, Affine sform)
    {
        Double3 spacing = NiftiAffine.Spacing(shape.Length, pixdim), steps = new(sform.ColumnNorm(0), sform.ColumnNorm(1), sform.ColumnNorm(2));
        for (int axis = 0; axis < Math.Min(3, shape.Length); axis++)
            if (!(Math.Abs(spacing[axis] - steps[axis]) <= 0.01 * steps[axis]))
                return $"pixdim says a spacing of {spacing} mm, the sform {steps} mm; the sform counts";
        double Last(int axis) => axis < shape.Length ? shape[axis] - 1 : 0;
        double distance = HasQform ? sform.LargestDistance(ReadQform(shape, pixdim), new(Last(0), Last(1), Last(2))) : 0;
        return distance > Math.Min(steps.X, Math.Min(steps.Y, steps.Z)) / 2
            ? FormattableString.Invariant($"by the qform voxels lie up to {distance:0.0} mm off where the sform has them; the sform counts") : null;
    }

    private readonly long Dimension(int index) => _second ? Int64(16 + 8 * index) : Int16(40 + 2 * index);

    private readonly double Real(int at) => _second
        ? BitConverter.Int64BitsToDouble(Int64(at))
        : BitConverter.Int32BitsToSingle(Int32(at));

    private readonly short Int16(int at) => _bigEndian
        ? BinaryPrimitives.ReadInt16BigEndian(_bytes[at..]) : BinaryPrimitives.ReadInt16LittleEndian(_bytes[at..]);

    private readonly int Int32(int at) => _bigEndian
        ? BinaryPrimitives.ReadInt32BigEndian(_bytes[at..]) : BinaryPrimitives.ReadInt32LittleEndian(_bytes[at..]);

    private readonly long Int64(int at) => _bigEndian
        ? BinaryPrimitives.ReadInt64BigEndian(_bytes[at..]) : BinaryPrimitives.ReadInt64LittleEndian(_bytes[at..]);
}
