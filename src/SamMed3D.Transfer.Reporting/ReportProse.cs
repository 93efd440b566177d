using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>The parts of a report that are read rather than looked up.</summary>
internal sealed class ReportProse(ComparisonSummary summary)
{
    /// <summary>What was compared, in one sentence.</summary>
    public string Setting()
    {
        var results = summary.Results;
        int folds = results.Runs.Select(run => run.Fold).Distinct().Count(), seeds = results.Runs.Select(run => run.Seed).Distinct().Count();
        int cases = results.Runs.SelectMany(run => run.Cases).Select(one => one.CaseId).Distinct().Count();
        return $"{results.Dataset}: {Count(results.Arms.Count - 1, "arm")} compared with {results.Baseline} on {Count(cases, "case")} and {Count(results.ClassNames.Count, "class", "classes")}, "
            + $"{Count(folds, "fold")} × {Count(seeds, "seed")} × {Count(results.Budgets().Count, "label budget")}, {Count(results.Runs.Count, "run")}.";
    }

    /// <summary>The comparisons, then what limits them.</summary>
    public string Findings()
    {
        if (summary.Main.Count == 0)
            return $"<p>{Markup.Text(ComparisonText.Sentences(summary)[0])}</p>\n";
        var text = new StringBuilder("<ul class=\"findings\">\n");
        foreach (var arm in summary.Main.Where(arm => arm.Comparison is not null))
            text.Append($"<li class=\"{Kind(arm)}\">{Markup.Text(ComparisonText.Sentence(arm, summary.Statistics))}</li>\n");
        text.Append("</ul>\n");
        var limits = ComparisonText.Limits(summary);
        if (limits.Count > 0)
            text.Append("<h3>To be read with them</h3>\n<ul class=\"limits\">\n").AppendJoin("", limits.Select(limit => $"<li>{Markup.Text(limit)}</li>\n")).Append("</ul>\n");
        return text.ToString();
    }

    /// <summary>The statistics, stated.</summary>
    public string Method()
    {
        var options = summary.Statistics;
        string[] paragraphs =
        [
            "The case is the unit: what an arm scores on a case with several seeds is averaged first, so that more seeds do not count as more patients. A case's score is the mean Dice of its "
                + "classes; a class in neither truth nor prediction is left out. Dice is given from 0 to 100.",
            string.Create(CultureInfo.InvariantCulture, $"Differences are paired by case. Their mean has a {100 * options.IntervalLevel:0.#} % bootstrap interval (bias-corrected and accelerated, {options.Resamples} resamples, "
                + $"seed {options.Seed}). p is two-sided, by Wilcoxon's signed-rank test with zeros as Pratt proposed, exact up to {WilcoxonSignedRank.ExactUpTo} cases, corrected by Holm over the arms of a label budget."),
            string.Create(CultureInfo.InvariantCulture, $"An arm is called better or worse where the corrected p is at most {options.Level}, the interval lies on the same side of 0, and the difference is beyond what other seeds of the same "
                + $"arms give (where there is more than one seed). The smallest detectable difference is the one that would have been found with {100 * options.Power:0.#} % probability, given the spread of the differences."),
            "The position-only guess gives each voxel the commonest training label at that place. An arm that scores no better is not a result, whatever its p value.",
            "Steps to 95 % is the first validation that reaches 95 % of the best of the same run, as a median over runs: it tells how fast, not how good.",
        ];
        return string.Concat(paragraphs.Select(paragraph => $"<p>{Markup.Text(paragraph)}</p>\n"));
    }

    private static string Kind(ArmSummary arm) => arm.IsBelowPositionGuess ? "none" : arm.Comparison!.Verdict switch
    {
        ComparisonVerdict.Better => "better",
        ComparisonVerdict.Worse => "worse",
        _ => "none",
    };

    private static string Count(int count, string one, string? many = null) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");
}
