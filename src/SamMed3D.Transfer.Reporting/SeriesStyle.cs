using ScottPlot;

namespace SamMed3D.Transfer;

/// <summary>
/// How series are told apart: by colour and by mark. Colours are drawn as placeholders that become CSS variables, so that one picture serves light and dark.
/// The palette is made for colour-blind readers after Okabe and Ito, "Color universal design" (2008).
/// </summary>
internal static class SeriesStyle
{
    /// <summary>Colours; further series use them again with other marks.</summary>
    public const int Colors = 8;

    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp, MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle, MarkerShape.OpenSquare];

    public static Color Ink { get; } = Color.FromHex("#0b0001");

    public static Color Grid { get; } = Color.FromHex("#0b0002");

    public static Color Guess { get; } = Color.FromHex("#0b0003");

    public static Color Guide { get; } = Color.FromHex("#0b0004");

    public static Color Of(int series) => new((byte)10, (byte)0, (byte)(series % Colors));

    public static MarkerShape Shape(int series) => Shapes[series % Shapes.Length];

    /// <summary>The mark as a small picture for legends and tables, without a meaning of its own.</summary>
    public static string Mark(int series)
    {
        string paint = $"fill=\"var(--s{series % Colors})\"", line = $"fill=\"none\" stroke=\"var(--s{series % Colors})\" stroke-width=\"2\"";
        string shape = (series % Shapes.Length) switch
        {
            0 => $"<circle cx=\"7\" cy=\"7\" r=\"5\" {paint}/>",
            1 => $"<rect x=\"2.5\" y=\"2.5\" width=\"9\" height=\"9\" {paint}/>",
            2 => $"<path d=\"M7 1l6 6-6 6-6-6z\" {paint}/>",
            3 => $"<path d=\"M7 2l6 10H1z\" {paint}/>",
            4 => $"<path d=\"M7 12L1 2h12z\" {paint}/>",
            5 => $"<circle cx=\"7\" cy=\"7\" r=\"4.5\" {line}/>",
            _ => $"<rect x=\"3\" y=\"3\" width=\"8\" height=\"8\" {line}/>",
        };
        return $"<svg class=\"mark\" width=\"14\" height=\"14\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">{shape}</svg>";
    }

    /// <summary>The position-only guess in legends.</summary>
    public const string GuessMark =
        "<svg class=\"mark\" width=\"22\" height=\"14\" viewBox=\"0 0 22 14\" aria-hidden=\"true\"><path d=\"M1 7h20\" stroke=\"var(--guess)\" stroke-width=\"2\" stroke-dasharray=\"5 3\"/></svg>";
}
