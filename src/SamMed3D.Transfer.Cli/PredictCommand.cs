using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d predict</c>: volumes to label files on their own grids.</summary>
internal sealed class PredictCommand
{
    private readonly Option<string?> _run = new("--run") { Description = "Run folder of the model, as 'train' made it; its best weights are used.", HelpName = "DIR" };
    private readonly Option<string?> _weights = new("--weights") { Description = "Weights in place of the run's best; without --run it needs --config.", HelpName = "FILE" };
    private readonly Option<string?> _config = new("--config") { Description = "Experiment that the weights belong to.", HelpName = "FILE" };
    private readonly Option<string[]> _set = CommonOptions.Set();
    private readonly Option<string[]> _input = new("--input", "-i")
    {
        Description = "Volumes (NIfTI, NRRD, MetaImage), folders of them, or folders with a DICOM series each; labels come out in the format of the image, NIfTI for DICOM. Channels are separate files named ..._0000, ..._0001, as in nnU-Net.",
        HelpName = "FOLDER|FILE",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _output = new("--output", "-o") { Description = "Folder for the label files.", HelpName = "FOLDER", Required = true };
    private readonly Option<string?> _device = CommonOptions.DeviceOverride();
    private readonly Option<int[]> _mirror = new("--mirror")
    {
        Description = "Also show the model every window mirrored along these axes (0 left-right, 1 back-front, 2 down-up), in all combinations, and average; inference.mirrorAxes. Twice the time for each axis.",
        HelpName = "AXIS",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int?> _threads = CommonOptions.Threads();

    private PredictCommand()
    {
    }

    public static Command Create(Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        var predict = new PredictCommand();
        var command = new ExampleCommand("predict", "Segment volumes with a trained model.", """
            The label files have the names and the grids of the input files.

            Examples:
              sammed3d predict --run runs/hippocampus-20260101-120000 --input data/imagesTs --output predictions
              sammed3d predict --run runs/hippocampus-20260101-120000 --input data/imagesTs --output predictions --mirror 0 1 2
              sammed3d predict --weights best.safetensors --config experiment.yaml --input ct.nii.gz --output .
            """)
        {
            predict._run, predict._weights, predict._config, predict._set, predict._input, predict._output, predict._mirror, predict._device, predict._threads,
        };
        command.SetAction(parsed => predict.Run(parsed, terminal, runner, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, IExperimentRunner runner, CancellationToken stop)
    {
        var request = Request(parsed, terminal);
        foreach (string input in request.Inputs)
            if (!Path.Exists(input))
                throw new FileNotFoundException($"{input}: no such file or folder.", input);
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        var outcome = ConsoleProgress.Run(terminal, progress => runner.Predict(request, progress, stop));
        foreach (string failure in outcome.Failures)
            terminal.Error.WriteLine($"sammed3d: {failure}");
        terminal.Line($"{outcome.Written.Count} of {outcome.Written.Count + outcome.Failures.Count} label files written to {request.Output}");
        return outcome.Failures.Count == 0 ? ExitCode.Ok : ExitCode.BadInput;
    }

    private PredictionRequest Request(ParseResult parsed, Terminal terminal)
    {
        string? run = parsed.GetValue(_run), weights = parsed.GetValue(_weights), config = parsed.GetValue(_config);
        string[] changes = parsed.GetValue(_set) ?? [];
        if (parsed.GetValue(_mirror) is { Length: > 0 } axes)
            changes = [.. changes, $"inference.mirrorAxes=[{string.Join(", ", axes)}]"];
        Experiment experiment;
        if (run is not null && config is null)
        {
            var folder = RunFolder.Open(run);
            experiment = changes.Length == 0 ? folder.Experiment : ExperimentFile.Read(folder.ExperimentPath, changes);
            if (weights is null && !File.Exists(folder.BestPath))
                throw new UsageException($"{run}: was stopped before its first validation, so that it has no best weights"
                    + (File.Exists(folder.LastPath) ? $"; its last ones are used with --weights {folder.LastPath} --config {folder.ExperimentPath}." : " and no others."));
            if (weights is null && !folder.Manifest.IsFinished)
                terminal.Error.WriteLine($"note: {run} was stopped before its end; its best weights so far are used.");
            weights ??= folder.BestPath;
        }
        else if (run is null && config is not null && weights is not null)
            experiment = ExperimentFile.Read(config, changes);
        else
            throw new UsageException("predict: " + (run is not null ? "--run brings its own experiment; leave out --config, or give --weights with it in place of --run."
                : config is not null ? "--weights FILE is missing beside --config."
                : weights is not null ? "--config FILE is missing beside --weights."
                : "give --run DIR, or --weights FILE with --config FILE."));

        if (Directory.Exists(weights))
            throw new UsageException($"predict: {weights} is a folder; give a run folder as --run, and --weights a file.");
        if (!File.Exists(weights))
            throw new FileNotFoundException($"{weights}: no such file; expected the weights of a trained model.", weights);
        var device = parsed.GetValue(_device) is { } text ? DeviceChoice.Parse(text) : experiment.Device;
        CommonOptions.Resolve(device);
        return new PredictionRequest(experiment, weights, parsed.GetRequiredValue(_input), parsed.GetRequiredValue(_output), device);
    }
}
