using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public class ConsoleProgressTests
{
    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now;

        public void Advance(double seconds) => _now += (long)(seconds * 1000);
    }

    private static string[] Lines(Action<IProgress<RunProgress>, Clock> work)
    {
        using StringWriter output = new(), error = new();
        var clock = new Clock();
        ConsoleProgress.Run(new Terminal { Out = output, Error = error }, progress =>
        {
            work(progress, clock);
            return 0;
        }, clock);
        Assert.Empty(output.ToString());
        return error.ToString().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void Without_a_terminal_a_line_comes_now_and_then_with_rate_and_time_left() => Assert.Equal(
        [
            "training 1/100 steps (1%), loss 0.9",
            "training 11/100 steps (11%), loss 0.9, 1.0 steps/s, 1m 29s left",
            "training 21/100 steps (21%), loss 0.9, 1.0 steps/s, 1m 19s left",
        ],
        Lines((progress, clock) =>
        {
            for (var step = 1; step <= 25; step++)
            {
                progress.Report(new RunProgress("training", step, 100, "steps", "loss 0.9"));
                clock.Advance(1);
            }
        }));

    [Fact]
    public void A_new_stage_the_end_and_what_is_noteworthy_always_show() => Assert.Equal(
        [
            "training 1/3 steps (33%)",
            "training 2/3 steps (67%), validation 0.5, 0.5 steps/s, 2s left",
            "training 3/3 steps (100%)",
            "predicting 0/2 cases (0%)",
        ],
        Lines((progress, clock) =>
        {
            progress.Report(new RunProgress("training", 1, 3, "steps"));
            clock.Advance(2);
            progress.Report(new RunProgress("training", 2, 3, "steps", "validation 0.5", IsNoteworthy: true));
            progress.Report(new RunProgress("training", 3, 3, "steps"));
            progress.Report(new RunProgress("predicting", 0, 2, "cases"));
        }));

    [Fact]
    public void A_part_of_a_long_unit_moves_the_share_and_the_rate() => Assert.Equal(
        [
            "predicting 0/2 cases (5%), a: window 1 of 10",
            "predicting 0/2 cases (15%), a: window 3 of 10, 100.0 s each, 2m 50s left",
        ],
        Lines((progress, clock) =>
        {
            progress.Report(new RunProgress("predicting", 0, 2, "cases", "a: window 1 of 10") { Part = 0.1 });
            clock.Advance(20);
            progress.Report(new RunProgress("predicting", 0, 2, "cases", "a: window 3 of 10") { Part = 0.3 });
        }));

    [Fact]
    public void The_rate_is_that_of_the_last_minute()
    {
        var clock = new Clock();
        var rate = new ProgressRate(clock);
        Assert.Null(rate.PerSecond);
        rate.Add(0);
        clock.Advance(600);
        rate.Add(1);
        for (var step = 2; step < 80; step++)
        {
            clock.Advance(1);
            rate.Add(step);
        }

        Assert.Equal(1.0, rate.PerSecond!.Value, 3);
    }
}
