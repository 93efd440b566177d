using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// Writes a comparison as one HTML page that needs nothing else: styles, charts and pictures are inside, there are no scripts, nothing is fetched. Equal results give
/// equal bytes.
/// </summary>
public static class ComparisonReport
{
    /// <summary>Writes report.html; it appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="results">What was measured.</param>
    /// <param name="pictures">Cases to show, as <see cref="ShownCase.Choose"/> names them; may be empty.</param>
    /// <param name="statistics">How arms are compared; the defaults where null.</param>
    /// <exception cref="ArgumentException">The results contradict themselves.</exception>
    public static void Write(string path, ComparisonResults results, IReadOnlyList<CasePicture>? pictures = null, StatisticsOptions? statistics = null)
    {
        AtomicFile.WriteText(path, ToHtml(results, pictures, statistics));
    }

    /// <summary>The page.</summary>
    public static string ToHtml(ComparisonResults results, IReadOnlyList<CasePicture>? pictures = null, StatisticsOptions? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        var summary = ComparisonSummary.Of(results, statistics);
        var charts = new ComparisonCharts(summary);
        var tables = new ReportTables(summary, charts);
        var prose = new ReportProse(summary);
        string title = Markup.Text($"{results.Name}: comparison of starts on {results.Dataset}");
        var page = new StringBuilder();
        page.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title}</title>
            <style>
            {Style()}
            </style>
            </head>
            <body>
            <header>
            <h1>{Markup.Text(results.Name)}</h1>
            <p class="lead">{Markup.Text(prose.Setting())}</p>
            </header>
            <main>

            """);
        Section(page, "Findings", prose.Findings());
        Section(page, "Arms", tables.Arms());
        Section(page, "Differences", Charts(charts, charts.Differences() + charts.Paired(), hasGuess: false));
        Section(page, "Classes", Charts(charts, charts.Classes(), hasGuess: true) + Details("Table of classes", tables.Classes()));
        Section(page, "Learning", Charts(charts, charts.LearningCurves(), hasGuess: false));
        Section(page, "Label budgets", Charts(charts, charts.Budgets(), hasGuess: true) + Details("Table of label budgets", tables.Budgets()));
        Section(page, "Cases", CaseGallery.Of(results, pictures ?? []));
        Section(page, "Cost", tables.Cost());
        Section(page, "Seen in pretraining", tables.Seen());
        Section(page, "Published values, not comparable", PublishedSection.Of());
        Section(page, "How this was compared", prose.Method());
        page.Append("</main>\n<footer>\n").Append(tables.Provenance()).Append(Details("Runs and hashes", tables.Runs())).Append("</footer>\n</body>\n</html>\n");
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static void Section(StringBuilder page, string title, string content)
    {
        if (content.Length == 0)
            return;
        string id = title.Replace(",", "", StringComparison.Ordinal).Replace(' ', '-').ToLowerInvariant();
        page.Append($"<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{Markup.Text(title)}</h2>\n{content}</section>\n");
    }

    private static string Charts(ComparisonCharts charts, string figures, bool hasGuess) =>
        figures.Length == 0 ? "" : $"{charts.Legend(hasGuess)}\n<div class=\"figures\">\n{figures}</div>\n";

    private static string Details(string title, string content) =>
        content.Length == 0 ? "" : $"<details><summary>{Markup.Text(title)}</summary>\n{content}</details>\n";

    private static string Style()
    {
        const string Resource = "SamMed3D.Transfer.report.css";
        using var stream = typeof(ComparisonReport).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"This build lacks its resource {Resource}.");
        return new StreamReader(stream, Encoding.UTF8).ReadToEnd().ReplaceLineEndings("\n").TrimEnd();
    }
}
