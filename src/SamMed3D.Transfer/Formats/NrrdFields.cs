using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>The fields of an NRRD header as text, each known and there only once: https://teem.sourceforge.net/nrrd/format.html.</summary>
internal sealed class NrrdFields
{
    private static readonly HashSet<string> Known =
    [
        "dimension", "type", "blocksize", "encoding", "endian", "content", "oldmin", "oldmax", "min", "max", "lineskip", "byteskip", "number",
        "sampleunits", "datafile", "space", "spacedimension", "spaceunits", "spaceorigin", "spacedirections", "measurementframe",
        "sizes", "spacings", "thicknesses", "axismins", "axismaxs", "centers", "centerings", "labels", "units", "kinds",
    ];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly string _path;

    private NrrdFields(string path) => _path = path;

    /// <summary>Where the data starts that follows the header.</summary>
    public long DataOffset { get; private set; }

    /// <summary>Reads the header up to its blank line, or to the end of a detached header.</summary>
    /// <exception cref="InvalidDataException">It is no NRRD header, or a line of it makes no sense.</exception>
    public static NrrdFields Read(string path)
    {
        using var text = new HeaderText(path);
        var fields = new NrrdFields(path);
        string magic = text.ReadLine() ?? "";
        if (magic is not ("NRRD0001" or "NRRD0002" or "NRRD0003" or "NRRD0004" or "NRRD0005"))
            throw BrokenFile.Because(path, $"the magic is {BrokenFile.Quote(magic)}, expected NRRD0001 to NRRD0005");
        while (text.ReadLine() is { Length: > 0 } line)
            fields.Add(line);
        fields.DataOffset = text.Position;
        return fields;
    }

    /// <summary>The text of a field, null when it is not there. Names are spelled without spaces.</summary>
    public string? Text(string field) => _values.GetValueOrDefault(field);

    /// <summary>A field that must be there.</summary>
    public string Required(string field) => Text(field)
        ?? throw BrokenFile.Because(_path, $"the header has no '{field}' line");

    /// <summary>A whole number, or nothing.</summary>
    public long? Number(string field) => Text(field) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
        : throw BrokenFile.Because(_path, $"{field} is {BrokenFile.Quote(text)}, expected a whole number");

    /// <summary>One word per axis; quoted words count as one.</summary>
    public string[]? Words(string field, int count)
    {
        if (Text(field) is not { } text)
            return null;
        string[] words = text.Contains('"', StringComparison.Ordinal)
            ? [.. text.Split('"').Where((_, index) => index % 2 == 1)]
            : text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == count ? words
            : throw BrokenFile.Because(_path, $"{field} has {words.Length} entries, expected {count}, one per axis");
    }

    /// <summary>One number per axis, NaN where the file says that there is none.</summary>
    public double[]? Numbers(string field, int count) => Words(field, count)?.Select(word => Real(field, word)).ToArray();

    /// <summary>Vectors in brackets, null where the file says none.</summary>
    public double[]?[]? Vectors(string field, int length)
    {
        if (Text(field) is not { } text)
            return null;
        List<double[]?> vectors = [];
        for (int at = 0; at < text.Length;)
        {
            if (text[at] is ' ' or '\t')
                at++;
            else if (text[at] == '(' && text.IndexOf(')', at) is var end and > 0)
            {
                double[] numbers = [.. text[(at + 1)..end].Split(',').Select(word => Real(field, word.Trim()))];
                if (numbers.Length != length)
                    throw BrokenFile.Because(_path, $"{field} has a vector of {numbers.Length} numbers, expected {length}");
                vectors.Add(numbers);
                at = end + 1;
            }
            else if (string.CompareOrdinal(text, at, "none", 0, 4) == 0)
            {
                vectors.Add(null);
                at += 4;
            }
            else
                throw BrokenFile.Because(_path, $"{field} is {BrokenFile.Quote(text)}, expected vectors such as (1,0,0) or none");
        }
        return [.. vectors];
    }

    private double Real(string field, string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
        : word.Equals("nan", StringComparison.OrdinalIgnoreCase) || word.Equals("none", StringComparison.OrdinalIgnoreCase) || word == "???" ? double.NaN
        : throw BrokenFile.Because(_path, $"{field} has {BrokenFile.Quote(word)}, expected numbers");

    private void Add(string line)
    {
        if (line[0] == '#')
            return;
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw BrokenFile.Because(_path, $"the header line {BrokenFile.Quote(line)} is no 'field: value'");
        if (line.AsSpan(colon).StartsWith(":="))
            return; // a key with a value: for people and other programs
        string field = line[..colon].Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        if (!Known.Contains(field))
            throw BrokenFile.Because(_path, $"unknown header field {BrokenFile.Quote(line[..colon])}");
        if (!_values.TryAdd(field, line[(colon + 1)..].Trim()))
            throw BrokenFile.Because(_path, $"the header has two '{field}' lines");
    }
}
