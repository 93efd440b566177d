using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>Prompts as they are written on the command line.</summary>
internal static class PromptText
{
    /// <summary>Reads "x,y,z", which is in the object, or "x,y,z:-", which is not.</summary>
    /// <exception cref="UsageException">It has another form.</exception>
    public static Click ParseClick(string text, CoordinateSpace space)
    {
        string[] parts = text.Split(':');
        if (parts.Length > 2 || (parts.Length == 2 && parts[1] is not ("-" or "+")) || !TryPlace(parts[0], out var place))
            throw new UsageException($"--click: expected x,y,z for a point in the object or x,y,z:- for one outside of it, got '{text}'.");
        return new Click(place, parts.Length == 1 || parts[1] == "+", space);
    }

    /// <summary>Reads "x,y,z:x,y,z".</summary>
    /// <exception cref="UsageException">It has another form.</exception>
    public static BoxPrompt ParseBox(string text, CoordinateSpace space) =>
        text.Split(':') is [var first, var second] && TryPlace(first, out var from) && TryPlace(second, out var to)
            ? new BoxPrompt(from, to, space)
            : throw new UsageException($"--box: expected two opposite corners x,y,z:x,y,z, got '{text}'.");

    private static bool TryPlace(string text, out Double3 place)
    {
        double[] numbers = [.. text.Split(',').Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : double.NaN)];
        bool isPlace = numbers.Length == 3 && !numbers.Contains(double.NaN);
        place = isPlace ? new Double3(numbers[0], numbers[1], numbers[2]) : default;
        return isPlace;
    }
}
