using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

/// <summary>Runs a command line in this process and keeps what it printed.</summary>
internal sealed record CommandLine(int ExitCode, string Out, string Error)
{
    public static CommandLine Run(params string[] arguments) => Run(null, CancellationToken.None, arguments);

    public static CommandLine Run(IExperimentRunner? runner, CancellationToken stop, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = Application.Run(arguments, new Terminal { Out = output, Error = error }, runner, stop);
        return new CommandLine(code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }

    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
