using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d synthesize</c>: a data set of made-up torsos.</summary>
internal sealed class SynthesizeCommand
{
    private static readonly SyntheticAnatomyOptions Defaults = new();

    private readonly Argument<string> _folder = new("FOLDER") { Description = "A new or empty folder for the data set." };
    private readonly Option<int?> _cases = new("--cases") { Description = $"Training cases. Default: {Defaults.TrainingCases}.", HelpName = "N" };
    private readonly Option<int?> _testCases = new("--test-cases") { Description = $"Test cases. Default: {Defaults.TestCases}.", HelpName = "N" };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of the people in it.", HelpName = "N" };

    private SynthesizeCommand()
    {
        CommonOptions.RequirePositive(_cases);
        CommonOptions.RequirePositive(_testCases);
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var synthesize = new SynthesizeCommand();
        var command = new ExampleCommand("synthesize", "Make a data set of synthetic CT torsos with six organs, to try things on.", """
            Real .nii.gz files in the nnU-Net layout, with anisotropic spacing and several voxel orders. Each seed is another group of people.

            Examples:
              sammed3d synthesize data/torsos --cases 60 --test-cases 8
            """)
        {
            synthesize._folder, synthesize._cases, synthesize._testCases, synthesize._seed,
        };
        command.SetAction(parsed => synthesize.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string folder = parsed.GetRequiredValue(_folder);
        var options = Defaults with
        {
            TrainingCases = parsed.GetValue(_cases) ?? Defaults.TrainingCases,
            TestCases = parsed.GetValue(_testCases) ?? Defaults.TestCases,
            Seed = parsed.GetValue(_seed),
        };
        int total = options.TrainingCases + options.TestCases;
        ConsoleProgress.Run(terminal, progress => SyntheticAnatomy.Write(folder, options, new CaseProgress(progress, total), stop));
        terminal.Line($"{options.TrainingCases} training and {options.TestCases} test cases in {folder}");
        return ExitCode.Ok;
    }

    /// <summary>Reports at once, on this thread.</summary>
    private sealed class CaseProgress(IProgress<RunProgress> progress, int total) : IProgress<int>
    {
        public void Report(int value) => progress.Report(new RunProgress("making data", value, total, "cases"));
    }
}
