namespace SamMed3D.Transfer;

/// <summary>The charts of a comparison, each a figure with a caption.</summary>
internal sealed class ComparisonCharts(ComparisonSummary summary)
{
    private readonly string[] _arms = [.. summary.Results.Arms.Select(arm => arm.Name)];

    public int Series(string arm) => Array.IndexOf(_arms, arm);

    /// <summary>Difference from the baseline with its interval, a row for each arm.</summary>
    public string Differences()
    {
        ArmSummary[] rows = [.. summary.Main.Where(arm => arm.Comparison is { CaseCount: > 0 })];
        if (rows.Length == 0)
            return "";
        var ends = rows.SelectMany(arm => new[] { 100 * arm.Comparison!.MeanDifference, 100 * (arm.Comparison.Interval?.Lower ?? double.NaN), 100 * (arm.Comparison.Interval?.Upper ?? double.NaN) });
        var chart = new Chart(ChartAxis.Around($"Dice above {summary.Results.Baseline}", ends.Append(0)), ChartAxis.Rows([.. rows.Select(arm => arm.Arm.Name)]), 680, 76 + 32 * rows.Length);
        chart.Guide([0, 0], [-rows.Length + 0.5, 0.5], isGuess: false);
        for (int row = 0; row < rows.Length; row++)
        {
            var found = rows[row].Comparison!;
            if (found.Interval is { } interval)
                chart.Span(Series(found.Arm), 100 * interval.Lower, 100 * interval.Upper, -row, 3);
            chart.Points(Series(found.Arm), [100 * found.MeanDifference], [-row], 11);
        }

        return Figure(chart, "differences", $"Mean difference of each arm from {summary.Results.Baseline}, with its {100 * summary.Statistics.IntervalLevel:0.#} % interval. "
            + "Where the interval holds 0, there may be no difference.", "wide");
    }

    /// <summary>Case by case against the baseline, a chart for each arm.</summary>
    public string Paired() => string.Concat(summary.Main.Where(arm => arm.Comparison is { CaseCount: > 0 }).Select(arm =>
    {
        var found = arm.Comparison!;
        double[] baseline = [.. found.Scores.Cases.Select(one => 100 * one.Baseline)], scores = [.. found.Scores.Cases.Select(one => 100 * one.Arm)];
        var x = ChartAxis.Around($"{found.Baseline}, Dice", baseline.Concat(scores), 0, 100);
        var chart = new Chart(x, x with { Label = $"{found.Arm}, Dice" }, 330, 320);
        chart.Guide([x.Lowest, x.Highest], [x.Lowest, x.Highest], isGuess: false);
        chart.Points(Series(found.Arm), baseline, scores);
        return Figure(chart, $"paired-{Series(found.Arm)}", $"{found.Arm} against {found.Baseline}, a mark for each case: above the line {found.BetterCases}, below {found.WorseCases}.");
    }));

    /// <summary>Mean Dice of each class, with the middle half of the cases.</summary>
    public string Classes()
    {
        ArmSummary[] arms = [.. summary.Main];
        if (arms.Length == 0)
            return "";
        var names = summary.Results.ClassNames;
        var guess = summary.PositionGuess.FirstOrDefault(one => one.Budget == summary.MainBudget);
        var all = arms.SelectMany(arm => arm.Classes.SelectMany(one => new[] { 100 * one.Mean, 100 * one.LowerQuartile, 100 * one.UpperQuartile }))
            .Concat(guess?.Classes.Select(one => 100 * one.Mean) ?? []);
        double step = 0.72 / Math.Max(1, arms.Length);
        var chart = new Chart(ChartAxis.Around("Dice", all, 0, 100), ChartAxis.Rows(names), 680, 76 + names.Count * (16 + 9 * arms.Length));
        for (int row = 0; row < names.Count; row++)
        {
            if (guess is not null && double.IsFinite(guess.Classes[row].Mean))
                chart.Guide([100 * guess.Classes[row].Mean, 100 * guess.Classes[row].Mean], [-row - 0.42, -row + 0.42], isGuess: true);
            for (int i = 0; i < arms.Length; i++)
                if (arms[i].Classes[row] is { CaseCount: > 0 } one)
                {
                    double place = -row + 0.36 - step * (i + 0.5);
                    chart.Span(Series(arms[i].Arm.Name), 100 * one.LowerQuartile, 100 * one.UpperQuartile, place, 1.5f);
                    chart.Points(Series(arms[i].Arm.Name), [100 * one.Mean], [place]);
                }
        }

        return Figure(chart, "classes", "Dice of each class: the mean over cases, and a line over the middle half of the cases"
            + (guess is null ? "." : "; dashed is the position-only guess."), "wide");
    }

    /// <summary>Validation Dice by step, mean and range of the runs.</summary>
    public string LearningCurves()
    {
        var curves = summary.Main.Select(arm => (arm.Arm.Name, Points: summary.Results.Runs.Where(run => run.Arm == arm.Arm.Name && run.Budget == summary.MainBudget)
            .SelectMany(run => run.Curve).Where(point => double.IsFinite(point.Dice)).GroupBy(point => point.Step).OrderBy(group => group.Key).ToArray()))
            .Where(one => one.Points.Length > 0).ToArray();
        if (curves.Length == 0)
            return "";
        var dice = curves.SelectMany(one => one.Points.SelectMany(group => group.Select(point => 100 * point.Dice)));
        var chart = new Chart(ChartAxis.Around("steps", curves.SelectMany(one => one.Points.Select(group => (double)group.Key)), 0), ChartAxis.Around("validation Dice", dice, 0, 100), 680, 360);
        foreach (var (name, points) in curves)
            chart.Line(Series(name), [.. points.Select(group => (double)group.Key)], [.. points.Select(group => 100 * group.Average(point => point.Dice))],
                [.. points.Select(group => 100 * group.Min(point => point.Dice))], [.. points.Select(group => 100 * group.Max(point => point.Dice))]);
        return Figure(chart, "curves", "Validation Dice in the course of the training: the mean of each arm's runs, and a band from the lowest to the highest run.", "wide");
    }

    /// <summary>Dice by the number of training cases.</summary>
    public string Budgets()
    {
        if (summary.Arms.Select(arm => arm.Budget).Distinct().Count() < 2)
            return "";
        var guesses = summary.PositionGuess.Select(guess => (Cases: summary.Arms.First(arm => arm.Budget == guess.Budget).TrainingCases, guess.MeanDice)).OrderBy(one => one.Cases).ToArray();
        var chart = new Chart(ChartAxis.Around("training cases with labels", summary.Arms.Select(arm => arm.TrainingCases), 0),
            ChartAxis.Around("Dice", summary.Arms.Select(arm => 100 * arm.MeanDice).Concat(guesses.Select(one => 100 * one.MeanDice)), 0, 100), 680, 360);
        if (guesses.Length > 0)
            chart.Guide([.. guesses.Select(one => one.Cases)], [.. guesses.Select(one => 100 * one.MeanDice)], isGuess: true);
        foreach (var arm in summary.Arms.Where(arm => double.IsFinite(arm.MeanDice)).GroupBy(arm => arm.Arm.Name).OrderBy(group => Series(group.Key)))
            chart.Line(Series(arm.Key), [.. arm.OrderBy(one => one.TrainingCases).Select(one => one.TrainingCases)], [.. arm.OrderBy(one => one.TrainingCases).Select(one => 100 * one.MeanDice)]);
        return Figure(chart, "budgets", "Mean Dice by the number of labelled training cases" + (guesses.Length > 0 ? "; dashed is the position-only guess." : "."), "wide");
    }

    /// <summary>Names of arms beside their marks.</summary>
    public string Legend(bool hasGuess) => "<ul class=\"legend\" aria-label=\"Arms\">"
        + string.Concat(summary.Main.Select(arm => $"<li>{SeriesStyle.Mark(Series(arm.Arm.Name))} {Markup.Text(arm.Arm.Name)}</li>"))
        + (hasGuess && summary.PositionGuess.Count > 0 ? $"<li>{SeriesStyle.GuessMark} position-only guess</li>" : "") + "</ul>";

    private static string Figure(Chart chart, string id, FormattableString caption, string kind = "") => Figure(chart, id, FormattableString.Invariant(caption), kind);

    private static string Figure(Chart chart, string id, string caption, string kind = "")
    {
        using (chart)
            return $"<figure class=\"{kind}\">{chart.ToSvg(id, caption)}<figcaption>{Markup.Text(caption)}</figcaption></figure>\n";
    }
}
