using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>A comparison in sentences. Dice is said from 0 to 100.</summary>
public static class ComparisonText
{
    /// <summary>The sentences of the largest label budget: a comparison for each arm, then what limits them.</summary>
    public static IReadOnlyList<string> Sentences(ComparisonSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        if (summary.Main.Count == 0)
            return ["No run has ended yet: there is nothing to compare."];
        return [.. summary.Main.Where(arm => arm.Comparison is not null).Select(arm => Sentence(arm, summary.Statistics)), .. Limits(summary)];
    }

    /// <summary>What may be said of an arm against the baseline.</summary>
    /// <exception cref="ArgumentException">It is the baseline.</exception>
    public static string Sentence(ArmSummary arm, StatisticsOptions statistics)
    {
        ArgumentNullException.ThrowIfNull(arm);
        ArgumentNullException.ThrowIfNull(statistics);
        var found = arm.Comparison ?? throw new ArgumentException($"{arm.Arm.Name} is the baseline, which is not compared with itself.", nameof(arm));
        int n = found.CaseCount;
        string pair = $"{found.Arm} and {found.Baseline}", difference = Points(Math.Abs(found.MeanDifference));
        string side = found.MeanDifference < 0 ? "below" : "above";
        string evidence = $"{Interval(found)}{P(found)}, n = {n}{Cases(n)}";
        string reach = Reach(found.MinimumDetectableEffect, n, statistics);
        string text = found.Verdict switch
        {
            ComparisonVerdict.Better or ComparisonVerdict.Worse => $"{found.Arm} is {difference} Dice {side} {found.Baseline}, {evidence}.",
            ComparisonVerdict.NoDifferenceFound => $"No difference was found between {pair} ({Signed(found.MeanDifference)} Dice, {evidence}); {reach}.",
            ComparisonVerdict.WithinSeedSpread => $"{found.Arm} is {difference} Dice {side} {found.Baseline} on these cases ({evidence}), but other seeds of the "
                + $"same arm differ by as much (up to {Points(found.SeedSpread.Margin)}): no claim.",
            ComparisonVerdict.Unclear => $"{pair} cannot be told apart: the test by ranks and the interval of the mean disagree ({Signed(found.MeanDifference)} Dice, {evidence}).",
            ComparisonVerdict.AllEqual => $"{found.Arm} differs from {found.Baseline} by exactly {Signed(found.MeanDifference)} Dice on every one of {n} cases. Real "
                + "results do not: look for an error, such as one run scored twice.",
            _ => n == 0 ? $"{pair} have no scored case in common."
                : $"{pair} cannot be compared: with n = {n}{Cases(n)} no difference could have been significant ({Signed(found.MeanDifference)} Dice).",
        };
        if (found.Verdict is ComparisonVerdict.Better or ComparisonVerdict.Worse && !found.SeedSpread.IsKnown)
            text += " But each model was trained with one seed, and another may move all cases together by as much: repeat with two or more.";
        if (arm.IsBelowPositionGuess)
            text += $" But {found.Arm} is below the position-only guess and not a result.";
        if (found.Scores.LeftOut.Count > 0)
            text += $" {found.Scores.LeftOut.Count} case{(found.Scores.LeftOut.Count == 1 ? " has" : "s have")} no score in one of the two and {(found.Scores.LeftOut.Count == 1 ? "is" : "are")} left out.";
        return text;
    }

    /// <summary>What has to be known beside the comparisons: arms below the position-only guess, controls, what was seen in pretraining, what is missing.</summary>
    public static IReadOnlyList<string> Limits(ComparisonSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return [.. LimitsOf(summary)];
    }

    /// <summary>What an arm differs in beside what it is there for.</summary>
    /// <param name="arm">The arm's name.</param>
    /// <param name="differences">As <see cref="ComparedArm.OtherDifferences"/>, one or more.</param>
    public static string AlsoDiffers(string arm, IReadOnlyList<string> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        return $"{arm} also differs in {string.Join("; ", differences)}.";
    }

    private static IEnumerable<string> LimitsOf(ComparisonSummary summary)
    {
        foreach (var arm in summary.Main.Select(one => one.Arm).Where(arm => arm.OtherDifferences.Count > 0))
            yield return AlsoDiffers(arm.Name, arm.OtherDifferences);
        foreach (var arm in summary.Main.Where(arm => arm.IsBelowPositionGuess))
            yield return $"{arm.Arm.Name} ({Points(arm.MeanDice)}) is not a result: a guess that knows only where things usually are scores {Points(arm.PositionGuessDice)}.";
        if (summary.Main.All(arm => double.IsNaN(arm.PositionGuessDice)))
            yield return "The position-only guess was not computed: nothing shows yet that any arm does more than know where things usually are.";
        if (summary.Main.FirstOrDefault(arm => arm.Arm.Role == ArmRole.TransformerOff) is { } off)
            yield return Control(off, [.. summary.Main.Where(arm => arm.Arm.Role == ArmRole.Start)], "no transformer was needed for that");
        if (summary.AgainstTaskSpecific.Count > 0)
            yield return TaskSpecific(summary);
        if (summary.Main.Where(arm => arm.Arm.Role == ArmRole.TaskSpecific).Select(arm => arm.Arm.Name).ToArray() is { Length: > 0 } others)
            yield return $"{string.Join(" and ", others)} {(others.Length == 1 ? "is another network" : "are other networks")}, of which no part begins as in the other arms: the hash of the first decoder "
                + "does not apply. Cases, folds and the order of patches are held against theirs as everywhere.";
        foreach (var stamped in summary.Main.Where(arm => arm.Arm.Seen is { Status: SeenStatus.Seen }))
            yield return $"{stamped.Arm.Name}: {summary.Results.Dataset} was seen in pretraining, so this is no evidence of transfer to unseen data. {stamped.Arm.Seen!.Reason}";
        foreach (var stamped in summary.Main.Where(arm => arm.Arm.Seen is { Status: SeenStatus.Unknown }))
            yield return $"{stamped.Arm.Name}: whether {summary.Results.Dataset} was seen in pretraining is not known. {stamped.Arm.Seen!.Reason}";
        if (summary.HashDifferences.Count > 0)
            yield return $"The arms differ in more than they are meant to: {string.Join("; ", summary.HashDifferences.Take(3).Select(one => $"{one.What} of {string.Join(", ", one.Runs)}"))}.";
        if (summary.Results.MissingRuns.Count > 0)
            yield return $"{summary.Results.MissingRuns.Count} runs are missing, such as {summary.Results.MissingRuns[0]}: these numbers are not final.";
    }

    /// <summary>What a network made for the task, without a transformer and from nothing, says about the starts.</summary>
    private static string TaskSpecific(ComparisonSummary summary)
    {
        string name = summary.AgainstTaskSpecific[0].Baseline;
        var worse = summary.AgainstTaskSpecific.Where(one => one.Verdict == ComparisonVerdict.Worse).ToArray();
        var others = summary.AgainstTaskSpecific.Except(worse).ToArray();
        string text = $"The task-specific baseline {name} reaches {Points(summary.Main.First(arm => arm.Arm.Name == name).MeanDice)} Dice from nothing. "
            + (worse.Length == 0 ? "" : $"It is better than {List(worse)}{(others.Length > 0 ? ", but" : ".")}")
            + (others.Length == 0 ? "" : $"{(worse.Length == 0 ? "It was" : " was")} not found better than {List(others)}.");
        return worse.Any(one => !one.SeedSpread.IsKnown) || others.Any(one => one.Verdict == ComparisonVerdict.Better && !one.SeedSpread.IsKnown)
            ? text + " But with one seed each, another may move all cases together by as much." : text;

        static string List(PairedComparison[] starts) => string.Join(", ", starts.Select(one =>
            $"{one.Arm} ({Where(one)}, {P(one)})"));

        static string Where(PairedComparison one) => $"{Points(Math.Abs(one.MeanDifference))} {(one.MeanDifference < 0 ? "below" : "above")} it" + one.Verdict switch
        {
            ComparisonVerdict.Worse or ComparisonVerdict.Better => "",
            ComparisonVerdict.TooFewCases => ", too few cases to tell",
            _ => ", no clear difference",
        };
    }

    private static string Control(ArmSummary control, ArmSummary[] starts, string meaning)
    {
        string[] notAbove = [.. starts.Where(arm => !(arm.MeanDice > control.MeanDice)).Select(arm => arm.Arm.Name)];
        return $"{control.Arm.Name} reaches {Points(control.MeanDice)} Dice, and {meaning}; "
            + (notAbove.Length == 0 ? "the means of all starts are above it." : $"not above it: {string.Join(", ", notAbove)}.");
    }

    private static string Reach(double effect, int n, StatisticsOptions statistics) => double.IsInfinity(effect)
        ? $"with n = {n} none could have been seen"
        : string.Create(CultureInfo.InvariantCulture, $"with n = {n} a difference of {Points(effect)} Dice would have been seen with {100 * statistics.Power:0.#} % probability");

    private static string Interval(PairedComparison of) => of.Interval is { } found
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * found.Level:0.#} % interval {Points(found.Lower)} to {Points(found.Upper)}, ") : "";

    private static string P(PairedComparison of) => double.IsNaN(of.PValue) ? "no test"
        : (of.PValue < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {of.PValue:0.000}")) + (of.TestCount > 1 ? $" after Holm over {of.TestCount} arms" : "");

    private static string Cases(int n) => n == 1 ? " case" : " cases";

    private static string Signed(double dice) => (dice < 0 ? "" : "+") + Points(dice);

    /// <summary>From 0 to 100, one decimal; never a minus before zero.</summary>
    private static string Points(double dice) => double.IsNaN(dice) ? "an unknown amount of"
        : (Math.Round(100 * dice, 1, MidpointRounding.AwayFromZero) + 0.0).ToString("0.0", CultureInfo.InvariantCulture);
}
