using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>The values of DICOM elements that were kept, by tag (group, then element).</summary>
internal sealed class DicomValues
{
    private readonly Dictionary<uint, byte[]> _values = [];

    /// <summary>How binary numbers are written.</summary>
    public bool IsBigEndian { get; set; }

    /// <summary>Frames in the file; 1 where it does not say.</summary>
    public int FrameCount => int.TryParse(Text(0x00280008), NumberStyles.None, CultureInfo.InvariantCulture, out int frames) ? Math.Max(1, frames) : 1;

    /// <summary>Keeps a value; the last one of a tag counts.</summary>
    public void Add(uint tag, byte[] value) => _values[tag] = value;

    /// <summary>A text without its padding; empty where there is none.</summary>
    public string Text(uint tag) => _values.TryGetValue(tag, out byte[]? value) ? Encoding.Latin1.GetString(value).Trim(' ', '\0') : "";

    /// <summary>A 16-bit number; 0 where there is none.</summary>
    public int Short(uint tag) => !_values.TryGetValue(tag, out byte[]? value) || value.Length < 2 ? 0
        : IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(value) : BinaryPrimitives.ReadUInt16LittleEndian(value);

    /// <summary>A decimal number; null where there is none.</summary>
    public double? Number(uint tag) => Numbers(tag, 1)?[0];

    /// <summary>So many decimal numbers; null where there is another number of them.</summary>
    public double[]? Numbers(uint tag, int count) => _values.TryGetValue(tag, out byte[]? value) ? Numbers(value, count) : null;

    /// <summary>The decimal numbers of a value; null where there is another number of them, or one is none.</summary>
    public static double[]? Numbers(byte[] value, int count)
    {
        string[] words = Encoding.Latin1.GetString(value).Trim(' ', '\0').Split('\\');
        var numbers = new double[count];
        for (int index = 0; index < count; index++)
            if (words.Length != count || !double.TryParse(words[index], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[index]) || !double.IsFinite(numbers[index]))
                return null;
        return numbers;
    }
}
