using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary>The command line as a whole: the commands, and what becomes of an error.</summary>
internal static class Application
{
    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Print stack traces of errors.",
        Recursive = true,
    };

    /// <param name="arguments">The command line.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="runner">Trains and predicts; without one those commands are not offered.</param>
    /// <param name="stop">Set by Ctrl-C.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal, IExperimentRunner? runner, CancellationToken stop)
    {
        // What other command lines understand: "sammed3d help train".
        if (arguments is ["help", ..])
            arguments = [.. arguments.Skip(1), "--help"];
        var parsed = CreateRoot(terminal, runner, stop).Parse(arguments);
        var mistakes = CommandLineMistakes.Of(parsed);
        if (mistakes.Count > 0)
        {
            foreach (string mistake in mistakes)
                terminal.Error.WriteLine($"sammed3d: {mistake}");
            string command = parsed.CommandResult.Command is RootCommand ? "sammed3d" : $"sammed3d {parsed.CommandResult.Command.Name}";
            terminal.Error.WriteLine($"Try '{command} --help'.");
            return ExitCode.BadInput;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception error)
        {
            return Report(error, terminal, parsed.GetValue(Verbose), stop);
        }
    }

    private static RootCommand CreateRoot(Terminal terminal, IExperimentRunner? runner, CancellationToken stop)
    {
        var root = new RootCommand("Transfer learning with the SAM-Med3D encoder for 3D medical segmentation.") { Verbose };
        if (runner is not null)
        {
            root.Add(QuickstartCommand.Create(terminal, runner, stop));
            root.Add(TrainCommand.Create(terminal, runner, stop));
            root.Add(PredictCommand.Create(terminal, runner, stop));
            root.Add(CompareCommand.Create(terminal, stop));
        }

        root.Add(CacheCommand.Create(terminal, stop));
        root.Add(CheckCommand.Create(terminal, stop));
        root.Add(PlanCommand.Create(terminal, stop));
        root.Add(EvaluateCommand.Create(terminal, stop));
        root.Add(SynthesizeCommand.Create(terminal, stop));
        root.Add(CleanCommand.Create(terminal, stop));
        root.Add(SegmentCommand.Create(terminal, stop));
        root.Add(AxisCheckCommand.Create(terminal, stop));
        root.Add(InspectCommand.Create(terminal));
        root.Add(ConvertCommand.Create(terminal, stop));
        root.Add(DoctorCommand.Create(terminal));
        root.Add(ParityCommand.Create(terminal, stop));
        ExampleCommand.ExtendHelp(root);
        return root;
    }

    private static int Report(Exception error, Terminal terminal, bool isVerbose, CancellationToken stop)
    {
        // Torch's own failures reach us wrapped in the failure of a static constructor.
        while (error is TypeInitializationException or System.Reflection.TargetInvocationException or AggregateException && error.InnerException is { } inner)
            error = inner;
        if (error is OperationCanceledException && stop.IsCancellationRequested)
        {
            terminal.Error.WriteLine($"sammed3d: {(error is RunStoppedException ? error.Message : "stopped.")}");
            return ExitCode.Cancelled;
        }

        // .NET's own words name the full path and nothing else.
        if (error is FileNotFoundException { FileName: { } missing } && error.Message.StartsWith("Could not find", StringComparison.Ordinal))
            error = new FileNotFoundException($"{missing}: no such file.", missing, error);
        if (isVerbose)
            terminal.Error.WriteLine(error.ToString());
        else if (error is ExperimentFileException { Problems: { Count: > 0 } problems })
            foreach (var problem in problems)
                terminal.Error.WriteLine($"sammed3d: {problem}");
        else
            terminal.Error.WriteLine($"sammed3d: {TorchError.Reason(error)}");
        return error is UsageException or WeightsRefusedException or ExperimentFileException or InvalidDataException or FileNotFoundException or DirectoryNotFoundException
                or InsufficientMemoryException
            ? ExitCode.BadInput
            : ExitCode.Failure;
    }
}
