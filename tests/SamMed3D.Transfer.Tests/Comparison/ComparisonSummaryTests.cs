using System.Text.RegularExpressions;

namespace SamMed3D.Transfer.Tests;

public class ComparisonSummaryTests
{
    [Fact]
    public void Each_arm_is_summed_up_at_each_budget_the_largest_last()
    {
        var summary = ComparisonSummary.Of(MadeUpComparison.Create());
        Assert.Equal(18, summary.Arms.Count);
        Assert.Equal(LabelBudget.All, summary.MainBudget);
        Assert.Equal(["10 %", "25 %", "all"], summary.Arms.Select(arm => arm.Budget.ToString()).Distinct());
        Assert.Equal(3, summary.PositionGuess.Count);
        var scratch = summary.Main[0];
        Assert.Null(scratch.Comparison);
        Assert.Equal(24, scratch.CaseCount);
        Assert.Equal(23, scratch.Classes[4].CaseCount);
        Assert.Equal(18, scratch.TrainingCases);
        Assert.InRange(scratch.StepsToNearBest, 500, 1100);
        Assert.True(scratch.Classes[0].LowerQuartile < scratch.Classes[0].Mean && scratch.Classes[0].Mean < scratch.Classes[0].UpperQuartile);
        Assert.Equal(8 * 0.53, scratch.Cost.DeviceHours, 9);
        Assert.Equal(0.0122, summary.Main[3].Cost.TrainableFraction(), 0.0001);
        Assert.Empty(summary.HashDifferences);
    }

    [Fact]
    public void The_effects_that_were_put_in_come_out_in_words()
    {
        var summary = ComparisonSummary.Of(MadeUpComparison.Create());
        Assert.Equal(ComparisonVerdict.Better, summary.Main[1].Comparison!.Verdict);
        Assert.Equal(0.031, summary.Main[1].Comparison!.MeanDifference, 0.015);
        var sentences = ComparisonText.Sentences(summary);
        Assert.Matches(@"^sam-med3d is \d\.\d Dice above scratch, 95 % interval \d\.\d to \d\.\d, p < 0\.001 after Holm over 5 arms, n = 24 cases\.$", sentences[0]);
        Assert.Contains(sentences, text => text.StartsWith("sam-med3d: AMOS22 subset was seen in pretraining", StringComparison.Ordinal));
        Assert.Contains(sentences, text => text.StartsWith("transformer-off reaches ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.06, @"^The task-specific baseline residual-unet reaches \d\d\.\d Dice from nothing\. It is better than scratch \(\d\.\d below it, p ")]
    [InlineData(-0.06, @"^The task-specific baseline residual-unet reaches \d\d\.\d Dice from nothing\. It was not found better than scratch \(\d\.\d above it, p .*lora \(.*\)\.$")]
    public void Every_start_faces_the_network_made_for_the_task(double gain, string sentence)
    {
        var results = MadeUpComparison.Create();
        results = results with
        {
            Runs = [.. results.Runs.Select(run => run.Arm != "residual-unet" ? run : run with
            {
                Cases = [.. run.Cases.Select(one => one with { Dice = [.. one.Dice.Select(dice => Math.Min(1, dice + gain))] })],
            })],
        };
        var summary = ComparisonSummary.Of(results);
        Assert.Equal(["scratch", "sam-med3d", "inflated", "lora"], summary.AgainstTaskSpecific.Select(one => one.Arm));
        Assert.Equal(gain > 0 ? ComparisonVerdict.Worse : ComparisonVerdict.Better, summary.AgainstTaskSpecific[0].Verdict);
        var sentences = ComparisonText.Sentences(summary);
        Assert.Single(sentences, text => Regex.IsMatch(text, sentence));
        Assert.Single(sentences, text => text.StartsWith("residual-unet is another network, of which no part begins as in the other arms", StringComparison.Ordinal));

        var asBaseline = ComparisonSummary.Of(results with { Baseline = "residual-unet" });
        Assert.Empty(asBaseline.AgainstTaskSpecific);
        Assert.Equal(5, asBaseline.Main.Count(arm => arm.Comparison is not null));
        var without = results with { Arms = [.. results.Arms.SkipLast(1)], Runs = [.. results.Runs.Where(run => run.Arm != "residual-unet")] };
        Assert.DoesNotContain(ComparisonText.Sentences(ComparisonSummary.Of(without)), text => text.Contains("network", StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_of_another_kind_that_saw_other_patches_is_still_named()
    {
        var results = MadeUpComparison.Create();
        results = results with { Runs = [.. results.Runs.Select(run => run is { Arm: "residual-unet", Fold: 0, Seed: 0, Budget.IsAll: true } ? run with { Hashes = run.Hashes with { PatchOrder = "other" } } : run)] };
        Assert.Equal("patch order", Assert.Single(ComparisonSummary.Of(results).HashDifferences).What);
    }

    [Fact]
    public void No_difference_is_said_with_what_would_have_been_seen()
    {
        var results = MadeUpComparison.Create();
        var twice = results with
        {
            Arms = [results.Arms[0], new ComparedArm { Name = "again" }],
            Runs = [.. results.Runs.Where(run => run.Arm == "scratch" && run.Budget.IsAll).SelectMany(run => new[]
            {
                run,
                run with { Id = "again" + run.Id, Arm = "again", Cases = [.. run.Cases.Select((one, i) => one with { Dice = [.. one.Dice.Select(dice => dice + 0.0001 + 0.01 * (1 + i / 2) * (i % 2 == 0 ? 1 : -1))] })] },
            })],
        };
        string text = ComparisonText.Sentences(ComparisonSummary.Of(twice))[0];
        Assert.Matches(@"^No difference was found between again and scratch \(\+0\.0 Dice, 95 % interval .*, p = 0\.\d+, n = 24 cases\); with n = 24 a difference of \d\.\d Dice would have been seen with 80 % probability\.$", text);
    }

    [Fact]
    public void An_arm_below_the_position_guess_is_no_result()
    {
        var results = MadeUpComparison.Create();
        var before = ComparisonSummary.Of(results).Main;
        Assert.DoesNotContain(before, arm => arm.IsBelowPositionGuess);
        double between = (before[0].MeanDice + before[2].MeanDice) / 2;
        results = results with
        {
            PositionGuess = [.. results.PositionGuess.Select(guess => guess with { Cases = [.. guess.Cases.Select(one => one with { Dice = [.. one.Dice.Select(_ => between)] })] })],
        };
        var summary = ComparisonSummary.Of(results);
        Assert.Equal(["scratch", "transformer-off"], summary.Main.Where(arm => arm.IsBelowPositionGuess).Select(arm => arm.Arm.Name));
        var sentences = ComparisonText.Sentences(summary);
        Assert.Contains(sentences, text => text.StartsWith("scratch (", StringComparison.Ordinal) && text.Contains("is not a result", StringComparison.Ordinal));
        Assert.Contains(sentences, text => text.StartsWith("transformer-off is ", StringComparison.Ordinal) && text.EndsWith("But transformer-off is below the position-only guess and not a result.", StringComparison.Ordinal));
    }

    [Fact]
    public void Arms_that_differ_in_more_than_they_are_meant_to_are_named()
    {
        var results = MadeUpComparison.Create();
        results = results with { Runs = [.. results.Runs.Select(run => run is { Arm: "lora", Fold: 2, Seed: 1, Budget.IsAll: true } ? run with { Hashes = run.Hashes with { PatchOrder = "other" } } : run)] };
        var summary = ComparisonSummary.Of(results);
        var found = Assert.Single(summary.HashDifferences);
        Assert.Equal(("patch order", 2, 1L, LabelBudget.All), (found.What, found.Fold, found.Seed, found.Budget));
        Assert.Contains(ComparisonText.Sentences(summary), text => text.StartsWith("The arms differ in more than they are meant to: patch order", StringComparison.Ordinal));
    }

    [Fact]
    public void Contradictions_are_refused_and_nothing_is_no_crash()
    {
        var results = MadeUpComparison.Create();
        Assert.Throws<ArgumentException>(() => (results with { Baseline = "nothing" }).Validated());
        Assert.Throws<ArgumentException>(() => (results with { Runs = [.. results.Runs, results.Runs[0]] }).Validated());
        Assert.Throws<ArgumentException>(() => (results with { ClassNames = ["liver"] }).Validated());
        Assert.Throws<ArgumentException>(() => LabelBudget.OfCases(0));
        Assert.Throws<ArgumentException>(() => LabelBudget.OfFraction(2));
        Assert.Equal(["No run has ended yet: there is nothing to compare."], ComparisonText.Sentences(ComparisonSummary.Of(results with { Runs = [] })));
        Assert.NotEmpty(ComparisonText.Sentences(ComparisonSummary.Of(results with { Runs = [.. results.Runs.Where(run => run.Arm != "scratch")] })));
        Assert.NotEmpty(ComparisonText.Sentences(ComparisonSummary.Of(results with { PositionGuess = [] })));
    }

    [Fact]
    public void Steps_to_near_best_are_those_of_the_first_validation_there()
    {
        Assert.Equal(30, Convergence.StepsToNearBest([new(40, 0.8), new(10, 0.3), new(20, 0.7), new(30, 0.77)]));
        Assert.Null(Convergence.StepsToNearBest([]));
        Assert.Null(Convergence.StepsToNearBest([new(10, double.NaN), new(20, 0)]));
    }
}
