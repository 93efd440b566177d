using System.CommandLine;
using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d cache CONFIG</c>: preprocesses the cases of an experiment ahead of its training.</summary>
internal sealed class CacheCommand
{
    private readonly Argument<string> _config = new("CONFIG") { Description = "The experiment: a YAML file such as those in configs/." };
    private readonly Option<string[]> _set = CommonOptions.Set();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    private CacheCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var cache = new CacheCommand();
        var command = new ExampleCommand("cache", "Preprocess the cases of an experiment into its cache folder, data.cache.", """
            Training does the same for what is missing. An entry is named by the preprocessing and the content of the source files, which are all read,
            so that it is never out of date; entries that are there are read to their end, and damaged ones made anew. Several processes may fill a
            folder at once, and each may be stopped or killed at any time. To free the space, delete the folder.

            Examples:
              sammed3d cache experiment.yaml
              sammed3d cache experiment.yaml --set data.cache=/scratch/cache
            """)
        {
            cache._config, cache._set, cache._json,
        };
        command.SetAction(parsed => cache.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string config = parsed.GetRequiredValue(_config);
        string[] changes = parsed.GetValue(_set) ?? [];
        var summary = ConsoleProgress.Run(terminal, progress => ExperimentFile.TaskOf(config) == RunTask.Promptable
            ? CachePreparation.Run(PromptableExperimentFile.Read(config, changes), progress, stop)
            : CachePreparation.Run(ExperimentRunner.Prepare(ExperimentFile.Read(config, changes), stop), progress, stop));
        if (parsed.GetValue(_json))
            JsonOutput.Write(terminal, summary);
        else
            terminal.Line(string.Create(CultureInfo.InvariantCulture,
                $"{summary.Cases} cases, {summary.Bytes / 1e9:0.000} GB in {summary.Folder}: {summary.Built} made, {summary.Repaired} repaired, "
                + $"{summary.Cases - summary.Built - summary.Repaired} sound before"));
        return ExitCode.Ok;
    }
}
