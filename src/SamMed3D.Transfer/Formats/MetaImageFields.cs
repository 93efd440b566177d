using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>The entries of a MetaImage header as text, up to ElementDataFile, which ends it.</summary>
internal sealed class MetaImageFields
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _path;

    private MetaImageFields(string path) => _path = path;

    /// <summary>Where the data starts that follows the header.</summary>
    public long DataOffset { get; private set; }

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">A line makes no sense, or ElementDataFile is missing.</exception>
    public static MetaImageFields Read(string path)
    {
        using var text = new HeaderText(path);
        var fields = new MetaImageFields(path);
        while (text.ReadLine() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw BrokenFile.Because(path, $"the header line {BrokenFile.Quote(line)} is no 'key = value'");
            string key = line[..equals].Trim();
            fields._values[key] = line[(equals + 1)..].Trim();
            if (!key.Equals("ElementDataFile", StringComparison.OrdinalIgnoreCase))
                continue;
            fields.DataOffset = text.Position;
            return fields;
        }
        throw BrokenFile.Because(path, "the header has no ElementDataFile line, which ends it");
    }

    /// <summary>The text of the first of these keys that is there.</summary>
    public string? Text(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
            if (_values.TryGetValue(key, out string? value))
                return value;
        return null;
    }

    /// <summary>Whether an entry says True.</summary>
    public bool Flag(bool absent, params ReadOnlySpan<string> keys) => Text(keys) switch
    {
        null => absent,
        { Length: > 0 } text when text[0] is 'T' or 't' or '1' => true,
        { Length: > 0 } text when text[0] is 'F' or 'f' or '0' => false,
        var other => throw BrokenFile.Because(_path, $"{keys[0]} is {BrokenFile.Quote(other)}, expected True or False"),
    };

    /// <summary>A whole number, or nothing.</summary>
    public long? Number(string key) => Text(key) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
        : throw BrokenFile.Because(_path, $"{key} is {BrokenFile.Quote(text)}, expected a whole number");

    /// <summary>Numbers with spaces between them, or nothing.</summary>
    public double[]? Numbers(int count, params ReadOnlySpan<string> keys)
    {
        if (Text(keys) is not { } text)
            return null;
        string[] words = text.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
        var numbers = new double[words.Length];
        for (int index = 0; index < numbers.Length; index++)
            if (!double.TryParse(words[index], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[index]))
                throw BrokenFile.Because(_path, $"{keys[0]} has {BrokenFile.Quote(words[index])}, expected numbers");
        return numbers.Length == count ? numbers
            : throw BrokenFile.Because(_path, $"{keys[0]} has {numbers.Length} numbers, expected {count}");
    }
}
