using System.Globalization;
using System.Net;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Builds HTML. Whatever is text goes through <see cref="Text"/>: names of classes, cases and arms come from files and are not to be trusted.</summary>
internal static class Markup
{
    /// <summary>Text as HTML, fit for element content and quoted attributes. Control characters, which HTML forbids, become the replacement character.</summary>
    public static string Text(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            safe.Append(Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') ? "\uFFFD" : rune.ToString());
        return WebUtility.HtmlEncode(safe.ToString());
    }

    /// <summary>A number for coordinates.</summary>
    public static string Place(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Dice from 0 to 100; a dash where there is none.</summary>
    public static string Points(double dice) => double.IsFinite(dice) ? Number(100 * dice, "0.0") : "–";

    /// <summary>A difference of Dice with its sign.</summary>
    public static string Signed(double dice) => !double.IsFinite(dice) ? "–" : (Math.Round(100 * dice, 1) > 0 ? "+" : "") + Points(dice);

    /// <summary>A number; a dash where there is none. Minus is a true minus sign.</summary>
    public static string Number(double value, string format) => !double.IsFinite(value) ? "–"
        : (Math.Round(value, 12) + 0.0).ToString(format, CultureInfo.InvariantCulture) is var text && text.Trim('-', '0', '.').Length == 0
            ? text.TrimStart('-') : text.Replace('-', '−');

    /// <summary>A p value.</summary>
    public static string P(double value) => double.IsNaN(value) ? "–" : value < 0.001 ? "&lt; 0.001" : Number(value, "0.000");

    /// <summary>Shortens for a place of limited width.</summary>
    public static string Short(string text, int most) => text.Length <= most ? text : string.Concat(text.EnumerateRunes().Take(most - 1).Select(rune => rune.ToString())) + "…";
}
