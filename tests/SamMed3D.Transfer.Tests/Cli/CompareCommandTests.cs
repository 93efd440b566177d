using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_Slurm_script_runs_this_program_in_this_folder_with_the_threads_that_were_asked_for()
    {
        string plan = Plan(), script = _folder.File("starts.sh");
        string here = $"cd '{Environment.CurrentDirectory}' || exit 1";
        Assert.Equal(ExitCode.Ok, Compare(plan, "--slurm", script, "--threads", "3", "--jobs", "2", "--set", "baseline=off").ExitCode);
        string[] lines = File.ReadAllLines(script);
        Assert.Equal("#!/usr/bin/env bash", lines[0]);
        Assert.Contains("#SBATCH --array=0-3%2", lines);
        Assert.Contains("#SBATCH --cpus-per-task=3", lines);
        Assert.Contains("runs=('scratch-fold0-seed1' 'off-fold0-seed1' 'scratch-fold0-seed2' 'off-fold0-seed2')", lines);
        Assert.Equal(here, lines[^2]);
        Assert.Equal($"exec {Program()} compare '{plan}' '--set' 'baseline=off' --threads 3 --only \"${{runs[$SLURM_ARRAY_TASK_ID]}}\"", lines[^1]);

        Assert.Equal(ExitCode.Ok, Compare(plan, "--slurm", script, "--ignore-memory").ExitCode);
        lines = File.ReadAllLines(script);
        Assert.Contains("#SBATCH --array=0-3", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("#SBATCH --cpus-per-task", StringComparison.Ordinal));
        Assert.Contains("'--ignore-memory' --threads \"${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}\" --only", lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--dry-run", "--report-only")]
    [InlineData("--slurm=x.sh", "--report-only")]
    [InlineData("--dry-run", "--slurm=x.sh")]
    [InlineData("--dry-run", "--only=scratch-fold0-seed1")]
    public void Options_of_which_one_would_be_ignored_are_refused(string first, string second)
    {
        var refused = Compare(Plan(), first, second);
        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains("do different things; give one of them", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(refused.Out);
    }

    [Theory]
    [InlineData("start={kind: sam-med3d, path: nowhere.pth}", "arm quick: nowhere.pth: no such file")]
    [InlineData("training.stepz=3", "arm quick: --set training.stepz=3: training.stepz: unknown key")]
    [InlineData("data.root=nowhere", "arm quick: its data set is nowhere")]
    public void What_is_wrong_with_an_arm_is_said_with_its_name(string change, string message)
    {
        var refused = Compare(Plan($"{{name: quick, set: ['{change}']}}"), "--dry-run");
        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains(message, Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_tells_what_an_arm_differs_in_beside_its_start()
    {
        var shown = Compare(Plan("{name: quick, set: [training.learningRate=0.02]}"), "--dry-run");
        Assert.Equal(ExitCode.Ok, shown.ExitCode);
        Assert.Contains("quick also differs in training.learningRate: 0.02 instead of 0.003.", shown.OutLines);
        Assert.DoesNotContain("off also differs", shown.Out, StringComparison.Ordinal);
    }

    private static CommandLine Compare(params string[] arguments) => CommandLine.Run(new FakeRunner(), CancellationToken.None, ["compare", .. arguments]);

    /// <summary>The tests run in .NET's host or in a program of their own.</summary>
    private static string Program() => string.Join(' ', CellProcesses.Program().Select(part => $"'{part}'"));

    private string Plan(params string[] arms)
    {
        string experiment = _folder.File("experiment.yaml");
        ExperimentFile.Write(experiment, TinyExperiment.In(_folder.Root) with { Device = "cpu" });
        return _folder.Write("plan.yaml", $$"""
            name: tiny
            experiment: {{experiment}}
            output: {{_folder.File("runs")}}
            arms: [{{string.Join(", ", arms.Prepend("{name: off, set: ['start={kind: transformer-off}']}").Prepend("{name: scratch}"))}}]
            """);
    }
}
