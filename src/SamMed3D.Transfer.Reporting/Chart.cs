using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;

namespace SamMed3D.Transfer;

/// <summary>
/// One picture: ScottPlot draws lines, marks and bands; every text is written as SVG text here, as the plotting library would measure it with the fonts of this
/// machine (none on many servers) and leave out letters that they lack.
/// </summary>
internal sealed partial class Chart : IDisposable
{
    private const int Top = 26, Right = 14, Bottom = 42;

    private readonly Plot _plot = new();
    private readonly ChartAxis _x;
    private readonly ChartAxis _y;
    private readonly int _width;
    private readonly int _height;
    private readonly int _left;
    private readonly int _letterWidth;
    private readonly StringBuilder _notes = new();

    public Chart(ChartAxis x, ChartAxis y, int width = 440, int height = 290)
    {
        (_x, _y, _width, _height) = (x, y, width, height);
        _letterWidth = width > 500 ? 9 : 7; // The style sheet enlarges the letters of wide charts on narrow screens.
        _left = Math.Clamp(y.Ticks.Select(tick => tick.Text.Length).DefaultIfEmpty(0).Max() * _letterWidth + 14, 40, 190);
        _plot.FigureBackground.Color = _plot.DataBackground.Color = Colors.Transparent;
        _plot.Layout.Fixed(new PixelPadding(_left, Right, Bottom, Top));
        _plot.Axes.Color(SeriesStyle.Ink);
        _plot.Axes.Right.FrameLineStyle.IsVisible = _plot.Axes.Top.FrameLineStyle.IsVisible = false;
        _plot.Axes.Bottom.SetTicks([.. x.Ticks.Select(tick => tick.Place)], [.. x.Ticks.Select(_ => "")]);
        _plot.Axes.Left.SetTicks([.. y.Ticks.Select(tick => tick.Place)], [.. y.Ticks.Select(_ => "")]);
        _plot.Grid.MajorLineColor = SeriesStyle.Grid;
        _plot.Axes.SetLimits(x.Lowest, x.Highest, y.Lowest, y.Highest);
    }

    public void Line(int series, double[] xs, double[] ys, double[]? lower = null, double[]? upper = null)
    {
        if (xs.Length > 1 && lower is not null && upper is not null)
        {
            var band = _plot.Add.FillY(xs, lower, upper);
            band.FillColor = SeriesStyle.Of(series).WithAlpha(0.14);
            band.LineWidth = 0;
        }

        var line = _plot.Add.Scatter(xs, ys, SeriesStyle.Of(series));
        line.LineWidth = 2;
        line.MarkerShape = SeriesStyle.Shape(series);
        line.MarkerSize = 7;
    }

    public void Points(int series, double[] xs, double[] ys, float size = 8)
    {
        var points = _plot.Add.ScatterPoints(xs, ys, SeriesStyle.Of(series));
        points.MarkerShape = SeriesStyle.Shape(series);
        points.MarkerSize = size;
        points.MarkerLineColor = SeriesStyle.Of(series);
    }

    public void Span(int series, double from, double to, double row, float width = 2)
    {
        var line = _plot.Add.Line(from, row, to, row);
        line.LineColor = SeriesStyle.Of(series);
        line.LineWidth = width;
    }

    /// <summary>A dashed line that is no series, such as the position-only guess.</summary>
    public void Guide(double[] xs, double[] ys, bool isGuess)
    {
        // Dashes are put in afterwards: SkiaSharp's SVG canvas knows none.
        var line = _plot.Add.ScatterLine(xs, ys, isGuess ? SeriesStyle.Guess : SeriesStyle.Guide);
        line.LineWidth = isGuess ? 2 : 1;
    }

    /// <summary>A short text inside the chart, at a place of its axes.</summary>
    public void Note(double x, double y, string text) => _notes.Append(Label(Across(x), Down(y), "start", text));

    /// <summary>The chart as an SVG element for an HTML page.</summary>
    /// <param name="id">Unique on the page.</param>
    /// <param name="alternative">What it shows, for those who do not see it.</param>
    public string ToSvg(string id, string alternative)
    {
        string svg = _plot.GetSvgXml(_width, _height);
        string inner = svg[(svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal)) + 1)..svg.LastIndexOf("</svg>", StringComparison.Ordinal)];
        // SkiaSharp counts clips through the whole process; here they are counted through the chart and told from other charts'.
        var clips = new List<string>();
        inner = Clip().Replace(inner, match =>
        {
            if (!clips.Contains(match.Groups[2].Value))
                clips.Add(match.Groups[2].Value);
            return $"{match.Groups[1].Value}{id}-clip{clips.IndexOf(match.Groups[2].Value)}";
        });
        inner = Painted().Replace(inner, match => $"\"var(--s{Convert.ToInt32(match.Groups[1].Value, 16)})\"");
        inner = inner.Replace("\"#0B0001\"", "\"var(--ink)\"", StringComparison.Ordinal).Replace("\"#0B0002\"", "\"var(--grid)\"", StringComparison.Ordinal)
            .Replace("\"#0B0003\"", "\"var(--guess)\" stroke-dasharray=\"5 3\"", StringComparison.Ordinal)
            .Replace("\"#0B0004\"", "\"var(--soft)\" stroke-dasharray=\"3 3\"", StringComparison.Ordinal);
        var text = new StringBuilder($"<svg class=\"chart\" viewBox=\"0 0 {_width} {_height}\" role=\"img\" aria-label=\"{Markup.Text(alternative)}\">");
        text.Append(Space().Replace(inner, "")).Append(_notes);
        foreach (var (place, label) in _x.Ticks)
            text.Append(Label(Across(place), _height - Bottom + 16, "middle", label));
        foreach (var (place, label) in _y.Ticks)
            text.Append(Label(_left - 8, Down(place) + 4, "end", label, (_left - 10) / _letterWidth));
        text.Append(Label((_left + _width - Right) / 2.0, _height - 8, "middle", _x.Label));
        text.Append(Label(4, 14, "start", _y.Label));
        return text.Append("</svg>").ToString();
    }

    public void Dispose() => _plot.Dispose();

    private double Across(double x) => _left + (x - _x.Lowest) / (_x.Highest - _x.Lowest) * (_width - Right - _left);

    private double Down(double y) => _height - Bottom - (y - _y.Lowest) / (_y.Highest - _y.Lowest) * (_height - Bottom - Top);

    private static string Label(double x, double y, string anchor, string text, int most = 60) => text.Length == 0 ? ""
        : $"<text x=\"{Markup.Place(x)}\" y=\"{Markup.Place(y)}\" text-anchor=\"{anchor}\">"
            + (text.Length > most ? $"<title>{Markup.Text(text)}</title>" : "") + $"{Markup.Text(Markup.Short(text, most))}</text>";

    [GeneratedRegex("(clipPath id=\"|url\\(#)(cl_[0-9a-f]+)")]
    private static partial Regex Clip();

    [GeneratedRegex("\"#0A00([0-9A-F]{2})\"")]
    private static partial Regex Painted();

    // There is no text in what the library drew, so white space between elements can go.
    [GeneratedRegex("(?<=>)\\s+|\\s+(?=<)")]
    private static partial Regex Space();
}
