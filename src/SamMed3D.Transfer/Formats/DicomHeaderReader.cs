using System.Buffers.Binary;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads the data elements of a DICOM file up to its pixels (PS3.5, chapter 7): explicit and implicit value representations, both byte
/// orders, nested sequences. Only what <see cref="DicomHeader"/> needs is kept.
/// </summary>
internal sealed class DicomHeaderReader : IDisposable
{
    private const int Preamble = 132, LongestValue = 4096, DeepestNesting = 32, MostFrames = 1 << 16;
    private const uint Undefined = uint.MaxValue, Item = 0xfffee000, ItemEnd = 0xfffee00d, SequenceEnd = 0xfffee0dd, Pixels = 0x7fe00010;
    private const uint SharedGroups = 0x52009229, FrameGroups = 0x52009230;

    /// <summary>Sequences that implicit files, which do not name types, are looked into.</summary>
    private static readonly HashSet<uint> Sequences = [SharedGroups, FrameGroups, 0x00209113, 0x00209116, 0x00289110];

    private static readonly HashSet<uint> Wanted =
    [
        0x00020010, 0x00080018, 0x00080060, 0x0008103e, 0x0020000e, 0x00180050, 0x00180088, 0x00280002, 0x00280008, 0x00280010, 0x00280011,
        0x00280100, 0x00200032, 0x00200037, 0x00280030,
    ];

    private readonly FileStream _file;
    private readonly string _path;
    private readonly DicomValues _values = new();
    private readonly List<double[]?[]> _frames = [];
    private readonly double[]?[] _shared = new double[]?[3];
    private bool _isImplicit;

    private DicomHeaderReader(string path)
    {
        _path = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 12);
    }

    /// <summary>Whether a file begins like DICOM, with its mark or, in old files, with a first element.</summary>
    public static bool Recognises(ReadOnlySpan<byte> start) =>
        (start.Length >= Preamble && start[128..Preamble].SequenceEqual("DICM"u8))
        || (start.Length >= 8 && start[0] == 8 && start[1] == 0 && start[3] == 0 && (IsUpper(start[4..6]) || (start[2] is 0 or 5 or 8 && start[5] == 0 && start[6] == 0 && start[7] == 0)));

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">Its elements make no sense.</exception>
    public static DicomHeader Read(string path)
    {
        using var reader = new DicomHeaderReader(path);
        return reader.Read();
    }

    public void Dispose() => _file.Dispose();

    private static bool IsUpper(ReadOnlySpan<byte> letters) => letters[0] is >= (byte)'A' and <= (byte)'Z' && letters[1] is >= (byte)'A' and <= (byte)'Z';

    private DicomHeader Read()
    {
        Span<byte> start = stackalloc byte[Preamble];
        int count = _file.ReadAtLeast(start, Preamble, throwOnEndOfStream: false);
        if (count == Preamble && start[128..].SequenceEqual("DICM"u8))
            ReadMeta();
        else
        {
            _file.Position = 0;
            _isImplicit = count < 8 || !IsUpper(start[4..6]);
        }
        ReadItem(_file.Length, 0, group: 0, frame: null);
        double[]?[] whole = [_values.Numbers(0x00200032, 3), _values.Numbers(0x00200037, 6), _values.Numbers(0x00280030, 2)];
        return new DicomHeader
        {
            Path = _path,
            Series = _values.Text(0x0020000e),
            Instance = _values.Text(0x00080018),
            Modality = _values.Text(0x00080060),
            Description = _values.Text(0x0008103e),
            Size = (_values.Short(0x00280010), _values.Short(0x00280011)),
            Samples = Math.Max(1, _values.Short(0x00280002)),
            Thickness = _values.Number(0x00180088) ?? _values.Number(0x00180050),
            Frames = Frames(whole),
        };
    }

    private List<DicomFrame> Frames(double[]?[] whole)
    {
        if (_frames.Count > 0)
            return [.. _frames.Select(frame => new DicomFrame(_path,
                frame[0] ?? _shared[0] ?? whole[0], frame[1] ?? _shared[1] ?? whole[1], frame[2] ?? _shared[2] ?? whole[2]))];
        // Frames without places of their own cannot be put into space.
        return [new DicomFrame(_path, _values.FrameCount == 1 ? whole[0] : null, whole[1], whole[2])];
    }

    /// <summary>The file meta information is always explicit and little-endian; it tells how the rest is written.</summary>
    private void ReadMeta()
    {
        Span<byte> tag = stackalloc byte[2];
        while (_file.ReadAtLeast(tag, 2, throwOnEndOfStream: false) == 2)
        {
            _file.Position -= 2;
            if (tag[0] != 2 || tag[1] != 0)
                break;
            ReadElement(_file.Length, 0, 0, null);
        }
        string syntax = _values.Text(0x00020010);
        if (syntax == "1.2.840.10008.1.2.1.99")
            throw BrokenFile.Because(_path, "the DICOM file is deflated as a whole, which is not supported; convert it with dcmconv or gdcmconv");
        _isImplicit = syntax is "1.2.840.10008.1.2";
        _values.IsBigEndian = syntax is "1.2.840.10008.1.2.2";
    }

    private void ReadItem(long end, int depth, uint group, double[]?[]? frame)
    {
        while (_file.Position + 8 <= end && ReadElement(end, depth, group, frame))
        {
        }
    }

    /// <returns>Whether there may be more elements: not after the pixels or the end of an item.</returns>
    private bool ReadElement(long end, int depth, uint group, double[]?[]? frame)
    {
        uint tag = (uint)UInt16() << 16 | UInt16();
        if (tag is ItemEnd or SequenceEnd)
        {
            UInt32();
            return false;
        }
        if (tag == Pixels && depth == 0)
        {
            CheckPixels();
            return false;
        }
        bool isSequence = _isImplicit && Sequences.Contains(tag);
        uint length;
        if (_isImplicit)
            length = UInt32();
        else
        {
            Span<byte> type = stackalloc byte[2];
            Fill(type);
            if (!IsUpper(type))
                throw BrokenFile.Because(_path, $"the DICOM element ({tag >> 16:x4},{tag & 0xffff:x4}) has no value representation");
            isSequence = type.SequenceEqual("SQ"u8);
            string name = Encoding.ASCII.GetString(type);
            if (name is "OB" or "OD" or "OF" or "OL" or "OV" or "OW" or "SQ" or "SV" or "UC" or "UN" or "UR" or "UT" or "UV")
            {
                UInt16();
                length = UInt32();
            }
            else
                length = UInt16();
        }
        if (isSequence || length == Undefined)
            ReadSequence(length == Undefined ? end : Bounded(length, end, tag), depth + 1, tag is SharedGroups or FrameGroups ? tag : group, frame);
        else
            ReadValue(tag, Bounded(length, end, tag), depth, group, frame);
        return true;
    }

    /// <summary>Programs that read pixels fill up what is missing without a word; so the length is compared here.</summary>
    private void CheckPixels()
    {
        if (!_isImplicit)
            UInt32();
        uint length = UInt32();
        if (length != Undefined)
        {
            Bounded(length, _file.Length, Pixels);
            long pixels = (long)_values.Short(0x00280010) * _values.Short(0x00280011) * Math.Max(1, _values.Short(0x00280002)) * _values.FrameCount, bytes = pixels * _values.Short(0x00280100) / 8;
            if (length < bytes)
                throw BrokenFile.Because(_path, $"the DICOM file has too few pixels: expected {bytes} bytes for {_values.Short(0x00280011)} x {_values.Short(0x00280010)}, got {length}");
            return;
        }
        while (true)
        {
            uint tag = (uint)UInt16() << 16 | UInt16(), part = UInt32();
            if (tag == SequenceEnd)
                return;
            if (tag != Item)
                throw BrokenFile.Because(_path, $"the compressed pixels have ({tag >> 16:x4},{tag & 0xffff:x4}) where a fragment was expected");
            _file.Position = Bounded(part, _file.Length, Pixels);
        }
    }

    private long Bounded(uint length, long end, uint tag) => _file.Position + length <= end ? _file.Position + length
        : throw BrokenFile.Because(_path, $"the DICOM element ({tag >> 16:x4},{tag & 0xffff:x4}) is truncated: expected {length} bytes, {Math.Max(0, end - _file.Position)} are left");

    private void ReadSequence(long end, int depth, uint group, double[]?[]? frame)
    {
        if (depth > DeepestNesting)
            throw BrokenFile.Because(_path, $"DICOM sequences are nested more than {DeepestNesting} deep");
        while (_file.Position + 8 <= end)
        {
            uint tag = (uint)UInt16() << 16 | UInt16(), length = UInt32();
            if (tag == SequenceEnd)
                return;
            if (tag != Item)
                throw BrokenFile.Because(_path, $"a DICOM sequence has ({tag >> 16:x4},{tag & 0xffff:x4}) where an item was expected");
            double[]?[]? place = frame;
            if (group != 0 && frame is null)
            {
                place = group == FrameGroups ? new double[]?[3] : _shared;
                if (group == FrameGroups)
                    _frames.Add(place);
                if (_frames.Count > MostFrames)
                    throw BrokenFile.Because(_path, $"more than {MostFrames} frames");
            }
            if (length == Undefined)
            {
                ReadItem(end, depth, group, place);
                continue;
            }
            long itemEnd = Bounded(length, end, tag);
            ReadItem(itemEnd, depth, group, place);
            _file.Position = itemEnd;
        }
        if (_file.Position < end)
            _file.Position = end;
    }

    private void ReadValue(uint tag, long end, int depth, uint group, double[]?[]? frame)
    {
        long length = end - _file.Position;
        if (Wanted.Contains(tag) && length <= LongestValue && (depth == 0 || frame is not null))
        {
            byte[] value = new byte[length];
            Fill(value);
            if (depth == 0)
                _values.Add(tag, value);
            else if (tag is 0x00200032 or 0x00200037 or 0x00280030)
                frame![tag == 0x00200032 ? 0 : tag == 0x00200037 ? 1 : 2] = DicomValues.Numbers(value, tag == 0x00200032 ? 3 : tag == 0x00200037 ? 6 : 2);
        }
        _file.Position = end;
    }

    private ushort UInt16()
    {
        Span<byte> bytes = stackalloc byte[2];
        Fill(bytes);
        return _values.IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    private uint UInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return _values.IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private void Fill(Span<byte> bytes)
    {
        if (_file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw BrokenFile.Because(_path, "the DICOM file is truncated: it ends within an element");
    }
}
