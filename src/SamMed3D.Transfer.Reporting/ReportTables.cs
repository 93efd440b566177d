using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>The tables of a report.</summary>
internal sealed class ReportTables(ComparisonSummary summary, ComparisonCharts charts)
{
    private ComparisonResults Results => summary.Results;

    /// <summary>The arms at the largest label budget, and the position-only guess as a row of its own.</summary>
    public string Arms()
    {
        if (summary.Main.Count == 0)
            return "";
        bool hasSurface = summary.Main.Any(arm => double.IsFinite(arm.MeanSurfaceDice));
        var table = new HtmlTable($"Mean over cases at the label budget '{summary.MainBudget}'")
            .Column("Arm").Number("Dice");
        if (hasSurface)
            table.Number(Results.SurfaceTolerance is { } tolerance ? $"Surface Dice, {Markup.Number(tolerance, "0.##")} mm" : "Surface Dice");
        table.Number($"Above {Results.Baseline}").Number("Interval").Number("p (Holm)")
            .Number("Smallest detectable").Number("Better\u00a0/ worse").Column("Verdict");
        foreach (var arm in summary.Main)
        {
            var found = arm.Comparison;
            var cells = new List<string> { Named(arm.Arm), Markup.Points(arm.MeanDice) };
            if (hasSurface)
                cells.Add(Markup.Points(arm.MeanSurfaceDice));
            cells.AddRange(found is null ? ["", "", "", "", ""] :
            [
                Markup.Signed(found.MeanDifference),
                found.Interval is { } interval ? $"{Markup.Points(interval.Lower)} to {Markup.Points(interval.Upper)}" : "–",
                Markup.P(found.PValue),
                double.IsPositiveInfinity(found.MinimumDetectableEffect) ? "none" : Markup.Points(found.MinimumDetectableEffect),
                $"{found.BetterCases} / {found.WorseCases}",
            ]);
            cells.Add(Verdict(arm));
            table.Row(cells, arm.IsBelowPositionGuess ? "void" : "");
        }

        if (summary.PositionGuess.FirstOrDefault(guess => guess.Budget == summary.MainBudget) is { } only)
            table.Row(
            [
                $"{SeriesStyle.GuessMark} position-only guess", Markup.Points(only.MeanDice), .. hasSurface ? [""] : Array.Empty<string>(),
                "", "", "", "", "", "<span class=\"badge\">every result is above it</span>",
            ], "guess");
        return table.ToString();
    }

    public string Classes()
    {
        var table = new HtmlTable($"Mean Dice of each class at the label budget '{summary.MainBudget}'").Column("Class").Number("Cases");
        foreach (var arm in summary.Main)
            table.Number(arm.Arm.Name);
        var guess = summary.PositionGuess.FirstOrDefault(one => one.Budget == summary.MainBudget);
        if (guess is not null)
            table.Number("position-only guess");
        for (int i = 0; i < Results.ClassNames.Count && summary.Main.Count > 0; i++)
            table.Row(
            [
                Markup.Text(Results.ClassNames[i]),
                Markup.Number(summary.Main.Max(arm => arm.Classes[i].CaseCount), "0"),
                .. summary.Main.Select(arm => Markup.Points(arm.Classes[i].Mean)),
                .. guess is null ? Array.Empty<string>() : [Markup.Points(guess.Classes[i].Mean)],
            ]);
        return table.ToString();
    }

    public string Budgets()
    {
        if (Results.Budgets().Count < 2)
            return "";
        var table = new HtmlTable("Dice by label budget").Column("Arm").Column("Budget").Number("Training cases").Number("Dice")
            .Number($"Above {Results.Baseline}").Number("Interval").Number("p (Holm)").Number("Position-only guess");
        foreach (var arm in summary.Arms)
            table.Row(
            [
                Named(arm.Arm),
                Markup.Text(arm.Budget.ToString()),
                Markup.Number(arm.TrainingCases, "0.#"),
                Markup.Points(arm.MeanDice),
                arm.Comparison is { } found ? Markup.Signed(found.MeanDifference) : "",
                arm.Comparison?.Interval is { } interval ? $"{Markup.Points(interval.Lower)} to {Markup.Points(interval.Upper)}" : "",
                arm.Comparison is { } tested ? Markup.P(tested.PValue) : "",
                Markup.Points(arm.PositionGuessDice),
            ], arm.IsBelowPositionGuess ? "void" : "");
        return table.ToString();
    }

    public string Cost()
    {
        if (summary.Main.Count == 0)
            return "";
        var table = new HtmlTable($"Cost of the runs at the label budget '{summary.MainBudget}'").Column("Arm").Number("Runs")
            .Number("Minutes a run").Number("Device hours, all runs").Number("Peak memory, GB")
            .Number("Trainable parameters").Number("Trainable").Number("Steps to 95 % of best");
        foreach (var arm in summary.Main)
            table.Row(
            [
                Named(arm.Arm),
                Markup.Number(arm.Cost.RunCount, "0"),
                Markup.Number(arm.Cost.MeanWallSeconds / 60, "0.0"),
                Markup.Number(arm.Cost.DeviceHours, "0.00"),
                arm.Cost.PeakMemoryBytes is { } bytes ? Markup.Number(bytes / 1e9, "0.0") : "–",
                arm.Cost.TrainableParameters is { } learning ? Markup.Number(learning / 1e6, "0.00") + " M" : "–",
                double.IsFinite(arm.Cost.TrainableFraction()) ? Markup.Number(100 * arm.Cost.TrainableFraction(), "0.0") + " %" : "–",
                Markup.Number(arm.StepsToNearBest, "0"),
            ]);
        string[] devices = [.. Results.Runs.Select(run => run.Cost.Device).Where(device => device.Length > 0).Distinct().Order(StringComparer.Ordinal)];
        return table.ToString() + (devices.Length == 0 ? "" : $"<p class=\"note\">Measured on {Markup.Text(string.Join("; ", devices))}.</p>\n");
    }

    public string Seen()
    {
        var table = new HtmlTable("Whether the weights that an arm starts from have seen this data set")
            .Column("Arm").Column($"{Results.Dataset}").Column("Why").Column("Classes that pretraining segmented, in whatever data");
        foreach (var arm in Results.Arms)
            table.Row(
            [
                Named(arm),
                arm.Seen is null ? "<span class=\"badge\">starts from no weights</span>" : Stamp(arm.Seen.Status),
                Markup.Text(arm.Seen?.Reason ?? ""),
                Markup.Text(string.Join("; ", arm.Seen?.Targets.Select(target => $"{target.ClassName} ({ShortList.Of(target.Datasets, 3)})") ?? [])),
            ]);
        return table.ToString();
    }

    public string Provenance() => Results.Provenance.Count == 0 ? "" : "<dl>\n"
        + string.Concat(Results.Provenance.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => $"<div><dt>{Markup.Text(one.Key)}</dt><dd>{Markup.Text(one.Value)}</dd></div>\n")) + "</dl>\n";

    public string Runs()
    {
        var table = new HtmlTable("Runs, and what those of one fold, seed and budget share (the start of each SHA-256)")
            .Column("Run").Column("Budget").Number("Fold").Number("Seed").Column("Split").Column("Patch order").Column("Decoder initialisation").Column("Start weights");
        foreach (var run in Results.Runs)
            table.Row(
            [
                Markup.Text(run.Id),
                Markup.Text(run.Budget.ToString()),
                Markup.Number(run.Fold, "0"),
                Markup.Text(run.Seed.ToString(CultureInfo.InvariantCulture)),
                Hash(run.Hashes.Split),
                Hash(run.Hashes.PatchOrder),
                run.Hashes.DecoderInitialization is null && Results.Arm(run.Arm).Role == ArmRole.TaskSpecific ? "another network" : Hash(run.Hashes.DecoderInitialization),
                Hash(run.Hashes.StartWeights),
            ]);
        return table.ToString();
    }

    private static string Verdict(ArmSummary arm)
    {
        var text = new StringBuilder(arm.IsBelowPositionGuess ? "<span class=\"badge bad\">not a result</span>"
            : arm.Comparison is null ? "<span class=\"badge\">baseline</span>"
            : arm.Comparison.Verdict switch
        {
            // p and interval are about cases: what the luck of one training adds, only a second seed can tell.
            ComparisonVerdict.Better when !arm.Comparison.SeedSpread.IsKnown => "<span class=\"badge warn\">better, one seed</span>",
            ComparisonVerdict.Worse when !arm.Comparison.SeedSpread.IsKnown => "<span class=\"badge warn\">worse, one seed</span>",
            ComparisonVerdict.Better => "<span class=\"badge good\">better</span>",
            ComparisonVerdict.Worse => "<span class=\"badge bad\">worse</span>",
            ComparisonVerdict.NoDifferenceFound => "<span class=\"badge\">no difference found</span>",
            ComparisonVerdict.WithinSeedSpread => "<span class=\"badge\">within seeds</span>",
            ComparisonVerdict.Unclear => "<span class=\"badge\">unclear</span>",
            ComparisonVerdict.AllEqual => "<span class=\"badge warn\">all equal: check</span>",
            _ => "<span class=\"badge\">too few cases</span>",
        });
        if (arm.Arm.Seen is { Status: not SeenStatus.NotSeen } seen)
            text.Append(' ').Append(Stamp(seen.Status));
        return text.ToString();
    }

    private static string Stamp(SeenStatus status) => status switch
    {
        SeenStatus.Seen => "<span class=\"badge warn\">seen in pretraining</span>",
        SeenStatus.NotSeen => "<span class=\"badge good\">not seen</span>",
        _ => "<span class=\"badge warn\">seen? unknown</span>",
    };

    private string Named(ComparedArm arm) => $"{SeriesStyle.Mark(charts.Series(arm.Name))} {Markup.Text(arm.Name)}"
        + (arm.Description.Length > 0 ? $"<small>{Markup.Text(arm.Description)}</small>" : "");

    private static string Hash(string? hash) => hash is null ? "–" : $"<code>{Markup.Text(hash.Length > 12 ? hash[..12] : hash)}</code>";
}
