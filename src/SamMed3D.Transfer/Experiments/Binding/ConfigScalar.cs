using System.Globalization;
using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>Scalars of experiment files: text, truth values, numbers and enums, read and written culture-independently.</summary>
internal static class ConfigScalar
{
    public static bool Covers(Type type) => type.IsEnum || type == typeof(string) || type == typeof(bool) || IsNumber(type);

    /// <summary>What a value of this type looks like, for messages.</summary>
    public static string Describe(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", EnumValues(type))}",
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(float) || type == typeof(double) => "a number",
        _ => "a whole number",
    };

    /// <summary>The value, or null when the text is no value of this type.</summary>
    public static object? Parse(ConfigText text, Type type)
    {
        if (type == typeof(string))
            return text.Value;
        if (!text.IsPlain && !type.IsEnum)
            return null; // "5" in quotes is text.
        var culture = CultureInfo.InvariantCulture;
        return type switch
        {
            { IsEnum: true } => Enum.GetNames(type).Where(name => ConfigNames.Value(name) == text.Value).Select(name => Enum.Parse(type, name)).FirstOrDefault(),
            _ when type == typeof(bool) => text.Value switch { "true" => true, "false" => false, _ => null },
            _ when type == typeof(int) => int.TryParse(text.Value, NumberStyles.AllowLeadingSign, culture, out int number) ? number : null,
            _ when type == typeof(long) => long.TryParse(text.Value, NumberStyles.AllowLeadingSign, culture, out long number) ? number : null,
            _ when type == typeof(ulong) => ulong.TryParse(text.Value, NumberStyles.None, culture, out ulong number) ? number : null,
            _ when type == typeof(float) => float.TryParse(text.Value, NumberStyles.Float, culture, out float number) && float.IsFinite(number) ? number : null,
            _ when type == typeof(double) => double.TryParse(text.Value, NumberStyles.Float, culture, out double number) && double.IsFinite(number) ? number : null,
            _ => null,
        };
    }

    /// <summary>Whether the text is a whole number, as wanted, but too large a one.</summary>
    public static bool IsBeyondRange(ConfigText text, Type type) => text.IsPlain && (type == typeof(int) || type == typeof(long))
        && BigInteger.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    /// <summary>YAML that <see cref="Parse"/> reads back to the same value.</summary>
    public static string Write(object value) => value switch
    {
        string text => Quote(text),
        bool truth => truth ? "true" : "false",
        Enum member => ConfigNames.Value(member.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"{value.GetType()} is no scalar."),
    };

    public static IEnumerable<string> EnumValues(Type type) => Enum.GetNames(type).Select(ConfigNames.Value);

    private static bool IsNumber(Type type) =>
        type == typeof(int) || type == typeof(long) || type == typeof(ulong) || type == typeof(float) || type == typeof(double);

    private static string Quote(string text)
    {
        bool isPlain = text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] is '_' or '/' || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal))
            && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/')
            && !text.Equals("true", StringComparison.OrdinalIgnoreCase) && !text.Equals("false", StringComparison.OrdinalIgnoreCase)
            && !text.Equals("null", StringComparison.OrdinalIgnoreCase) && !IsOldTruth(text);
        if (isPlain)
            return text;
        var quoted = new System.Text.StringBuilder("\"");
        foreach (char letter in text)
            quoted.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                _ when letter < ' ' || letter is '\u007f' or '\u0085' or '\u2028' or '\u2029' or '\ufeff'
                    => $"\\u{(int)letter:X4}",
                _ => letter.ToString(),
            });
        return quoted.Append('"').ToString();
    }

    /// <summary>Words that YAML 1.1 readers take for truth values.</summary>
    private static bool IsOldTruth(string text) =>
        text.ToUpperInvariant() is "Y" or "N" or "YES" or "NO" or "ON" or "OFF";
}
