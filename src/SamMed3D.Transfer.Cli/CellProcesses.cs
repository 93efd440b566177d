using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer.Cli;

/// <summary>Does the runs of a comparison in processes of their own: side by side, with memory and crashes of each kept from the others.</summary>
internal static partial class CellProcesses
{
    private const int Terminate = 15;

    /// <summary>Runs all, so many at once; a failed one does not keep the others from running.</summary>
    /// <param name="ids">The runs.</param>
    /// <param name="arguments">The command line of a run.</param>
    /// <param name="jobs">At once.</param>
    /// <param name="output">Where their lines go, each with its run's name.</param>
    /// <param name="stop">Lets them finish their step, save and end.</param>
    /// <returns>Each run that failed, with a line about it.</returns>
    public static IReadOnlyList<(string Id, string Line)> Run(
        IReadOnlyList<string> ids, Func<string, IEnumerable<string>> arguments, int jobs, TextWriter output, CancellationToken stop)
    {
        var failures = new List<(string, string)>();
        var waiting = new Queue<string>(ids);
        object gate = new();
        // Threads, not tasks: each waits for a process.
        Thread[] workers = [.. Enumerable.Range(0, Math.Min(jobs, ids.Count)).Select(_ => new Thread(() =>
        {
            while (Next() is { } id)
                if (RunOne(id, arguments(id), Line, stop) is { } failure)
                    lock (gate)
                        failures.Add((id, failure));
        }))];
        foreach (var worker in workers)
            worker.Start();
        foreach (var worker in workers)
            worker.Join();
        return failures;

        string? Next()
        {
            lock (gate)
                return !stop.IsCancellationRequested && waiting.TryDequeue(out string? id) ? id : null;
        }

        void Line(string text)
        {
            lock (gate)
                output.WriteLine(text);
        }
    }

    /// <summary>What starts this program again: its file, or the .NET host and the file.</summary>
    public static IReadOnlyList<string> Program()
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return isHost ? [program, typeof(CellProcesses).Assembly.Location] : [program];
    }

    private static string? RunOne(string id, IEnumerable<string> arguments, Action<string> line, CancellationToken stop)
    {
        var program = Program();
        var start = new ProcessStartInfo(program[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in program.Skip(1).Concat(arguments))
            start.ArgumentList.Add(argument);
        string last = "";
        using var process = new Process { StartInfo = start };
        void Heard(string? text)
        {
            if (string.IsNullOrEmpty(text))
                return;
            last = text;
            line($"[{id}] {text}");
        }

        process.OutputDataReceived += (_, heard) => Heard(heard.Data);
        process.ErrorDataReceived += (_, heard) => Heard(heard.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using (stop.Register(() => AskToStop(process)))
            process.WaitForExit();
        return process.ExitCode is ExitCode.Ok or ExitCode.Cancelled || stop.IsCancellationRequested ? null : $"run {id} failed with exit code {process.ExitCode}: {last}";
    }

    /// <summary>A terminal's Ctrl-C reaches the processes by itself; any other stop is handed on.</summary>
    private static void AskToStop(Process process)
    {
        if (!OperatingSystem.IsWindows() && !process.HasExited)
            _ = Kill(process.Id, Terminate);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
