using Spectre.Console;

namespace SamMed3D.Transfer.Cli;

/// <summary>Where the commands write: results to <see cref="Out"/>, progress and errors to <see cref="Error"/>.</summary>
internal sealed class Terminal
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Draws on a real terminal; null where output goes to a file, a pipe or a test.</summary>
    public IAnsiConsole? Screen { get; init; }

    /// <summary>Draws progress; null unless the error stream is a real terminal.</summary>
    public IAnsiConsole? ProgressScreen { get; init; }

    public static Terminal ForProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        Screen = Console.IsOutputRedirected ? null : AnsiConsole.Console,
        ProgressScreen = Console.IsErrorRedirected ? null : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }),
    };

    public void Line(string text = "") => Out.WriteLine(text);
}
