using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d check DATASET</c>: everything that is wrong with a data set, in one table.</summary>
internal sealed class CheckCommand
{
    private readonly Argument<string> _dataset = new("DATASET")
    {
        Description = "Folder of the data set (nnU-Net, Decathlon, SAM-Med3D's ORGAN/DATASET/imagesTr), or a list of cases (.csv, .json).",
    };

    private readonly Option<string?> _json = new("--json") { Description = "Write the problems as JSON.", HelpName = "FILE" };

    private CheckCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var check = new CheckCommand();
        var command = new ExampleCommand("check", "Open every case of a data set and list what is wrong.", """
            Files and names, headers that contradict themselves or do not say where voxels lie, data behind the last voxel, grids of images and
            labels, label values, NaN, constant images, empty labels, copies within and across training and test, subjects on both sides, and what is
            unlike the rest: more than 5 robust standard deviations (1.4826 x median absolute deviation) off the median, but at least a factor of 1.5
            in spacing, a factor of 3 in the spread of intensities, or 300 HU in the mean of a CT.
            Exit code 0 without errors (warnings and notes may be there), 1 with errors, 2 where there is no data set to check.

            Examples:
              sammed3d check data/Dataset004_Hippocampus
              sammed3d check cases.csv --json problems.json
            """)
        {
            check._dataset, check._json,
        };
        command.SetAction(parsed => check.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        if (parsed.GetValue(_json) is { } file)
            AtomicFile.RequireWritable(file);
        var report = ConsoleProgress.Run(terminal, progress => DatasetCheck.Run(parsed.GetRequiredValue(_dataset), progress, stop));
        if (report.Problems.Count > 0)
        {
            var table = new TextTable("severity", "case", "file", "problem", "expected", "found", "what to do") { HoldsText = true };
            foreach (var problem in report.Problems)
                table.Add(Words($"{problem.Severity}"), problem.Case, problem.File ?? "", Words($"{problem.Kind}"), problem.Expected, problem.Found, problem.Advice);
            table.Write(terminal);
            terminal.Line();
        }

        terminal.Line($"{report.TrainingCases} training and {report.TestCases} test cases read{(report.Layout is { } layout ? $" ({layout})" : "")}: "
            + $"{report.Count(ProblemSeverity.Error)} errors, {report.Count(ProblemSeverity.Warning)} warnings, {report.Count(ProblemSeverity.Note)} notes");
        if (parsed.GetValue(_json) is { } path)
            DatasetCheckFile.Save(path, report);
        return report.HasErrors ? ExitCode.Failure : ExitCode.Ok;
    }

    /// <summary>"MissingFile" as "missing file".</summary>
    private static string Words(string name) =>
        string.Concat(name.Select((letter, index) => char.IsUpper(letter) ? $"{(index > 0 ? " " : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
