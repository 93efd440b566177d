using System.CommandLine;
using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d segment IMAGE</c>: objects from prompts.</summary>
internal sealed class SegmentCommand
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "A volume: NIfTI, NRRD, MetaImage, or a folder with a DICOM series; the content decides, not the name." };
    private readonly Option<string> _weights = new("--weights", "-w")
    {
        Description = "A promptable model: a released SAM-Med3D checkpoint, weights that 'train' made, or a run folder of it (its best weights).",
        HelpName = "FILE|RUN",
        Required = true,
    };

    private readonly Option<string[]> _click = new("--click", "-c")
    {
        Description = "A point in the object, or with :- behind it a point outside of it. May be given several times; order matters.",
        HelpName = "x,y,z[:-]",
    };

    private readonly Option<string[]> _box = new("--box", "-b")
    {
        Description = "Two opposite corners of a box around the object. Released weights know no boxes: it becomes a click at its centre, and that is said.",
        HelpName = "x,y,z:x,y,z",
    };

    private readonly Option<string?> _mask = new("--mask") { Description = "A label file on the image's grid to start from; every voxel above 0 belongs to the object.", HelpName = "FILE" };
    private readonly Option<bool> _world = new("--world") { Description = "Coordinates of --click and --box are mm in the world (RAS+), not voxels of the file." };
    private readonly Option<string?> _clicks = new("--clicks")
    {
        Description = "Prompts of one object or several as JSON (see below); with --simulate, how many clicks on each label. Default there: 10.",
        HelpName = "FILE.json|N",
    };

    private readonly Option<string?> _simulate = new("--simulate")
    {
        Description = "True labels on the image's grid: clicks are drawn from them, and Dice is printed after every click on each label.",
        HelpName = "LABELS",
    };

    private readonly Option<string> _sampler = new("--sampler")
    {
        Description = "Where --simulate clicks in the wrong region: random, as published, or ritm, deep in its larger part.",
        HelpName = "random|ritm",
        DefaultValueFactory = _ => "random",
    };

    private readonly Option<long> _seed = new("--seed") { Description = "Seed of the clicks of --simulate.", HelpName = "N" };
    private readonly Option<int?> _patches = new("--patches")
    {
        Description = "Regions that one object may be followed through where it goes on beyond the first; 1 stays in the first. Default: 27.",
        HelpName = "N",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = $"The label file; its ending decides the format: {VolumeEnding.Written}. Default: NAME-segmentation.nii.gz in the current directory.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace an output that is there already." };
    private readonly Option<string?> _csv = new("--csv") { Description = "Write the scores of --simulate: a row for each label and click.", HelpName = "FILE" };
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    private SegmentCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var segment = new SegmentCommand();
        var command = new ExampleCommand("segment", "Segment what you point at, with a promptable model.", """
            Coordinates are voxels of the file, counted from 0 along its own axes (or mm with --world). Objects larger than the model's image are
            followed beyond it. With several objects each gets its own label, and a voxel that two claim goes to the surer one.

            Prompts as JSON:
              {"space": "voxel", "objects": [{"clicks": [{"at": [60, 70, 50]}, {"at": [64, 70, 50], "foreground": false}]},
                                             {"boxes": [{"from": [40, 50, 30], "to": [80, 90, 70]}]}, {"mask": "known.nii.gz"}]}

            Examples:
              sammed3d segment ct.nii.gz --weights sam_med3d_turbo.pth --click 120,80,40
              sammed3d segment ct.nii.gz --weights sam_med3d_turbo.pth --click 120,80,40 --click 130,85,40:- --output liver.nii.gz
              sammed3d segment ct.nii.gz --weights runs/clicks --clicks prompts.json
              sammed3d segment ct.nii.gz --weights runs/clicks --simulate labels.nii.gz --clicks 5 --csv clicks.csv
            """)
        {
            segment._image, segment._weights, segment._click, segment._box, segment._mask, segment._world, segment._clicks, segment._simulate,
            segment._sampler, segment._seed, segment._patches, segment._output, segment._force, segment._csv, segment._device, segment._threads,
        };
        CommonOptions.RequirePositive(segment._patches);
        segment._sampler.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("random" or "ritm") and var text }])
                result.AddError($"--sampler: expected random or ritm, got '{text}'.");
        });
        command.SetAction(parsed => segment.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        string file = parsed.GetRequiredValue(_image), output = parsed.GetValue(_output) ?? DefaultOutput(file);
        string? truthFile = parsed.GetValue(_simulate);
        var objects = truthFile is null ? Prompts(parsed) : [];
        int clickCount = truthFile is null ? 0 : ClickCount(parsed);
        if (truthFile is null && parsed.GetValue(_csv) is not null)
            throw new UsageException("segment: --csv belongs to --simulate, which has scores to write.");
        string weightsFile = WeightsFile(parsed.GetRequiredValue(_weights));
        RequireFree(parsed, output, [file, truthFile, parsed.GetValue(_mask), weightsFile, parsed.GetValue(_clicks), .. objects.Select(one => one.MaskPath)]);
        var device = CommonOptions.Resolve(DeviceChoice.Parse(parsed.GetRequiredValue(_device)));
        using var image = Volume.Open(file);
        using var truth = truthFile is null ? null : LabelVolume.Open(truthFile);
        using var weights = PromptableWeights.Open(weightsFile, device);
        if (!weights.IsSpacingKnown)
            terminal.Error.WriteLine($"note: the weights do not say which spacing they were trained at; {weights.Spacing} mm is assumed, as SAM-Med3D was.");
        try
        {
            return truth is null
                ? Segment(parsed, terminal, weights, image, objects, output, stop)
                : Simulate(parsed, terminal, weights, image, truth, clickCount, output, stop);
        }
        catch (Exception reason) when (reason is ArgumentException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file}: {TorchError.Reason(reason)}", reason);
        }
    }

    private int Segment(
        ParseResult parsed, Terminal terminal, PromptableWeights weights, Volume image, IReadOnlyList<PromptSet> objects, string output, CancellationToken stop)
    {
        var (labels, found) = ConsoleProgress.Run(terminal, progress =>
            PromptedPrediction.Run(weights, image, objects, parsed.GetValue(_patches), progress, stop));
        using (labels)
            labels.Save(output);
        var table = new TextTable("label", "voxels", "volume (ml)", "regions");
        foreach (var one in found)
            table.Add($"{one.Label}", $"{one.VoxelCount}", string.Create(CultureInfo.InvariantCulture, $"{one.Volume / 1000:0.00}"), $"{one.PatchCount}");
        table.Write(terminal);
        foreach (var one in found)
        {
            if (one.VoxelCount == 0)
                terminal.Error.WriteLine($"note: label {one.Label}: nothing was found at its prompts.");
            else if (one.WrittenCount < one.VoxelCount)
                terminal.Error.WriteLine($"note: label {one.Label}: {one.VoxelCount - one.WrittenCount} of its voxels went to objects that are surer of them.");
            foreach (string note in one.Notes)
                terminal.Error.WriteLine($"note: label {one.Label}: {note}");
        }

        terminal.Line();
        terminal.Line($"labels: {output}");
        return ExitCode.Ok;
    }

    private int Simulate(
        ParseResult parsed, Terminal terminal, PromptableWeights weights, Volume image, LabelVolume truth, int clickCount, string output, CancellationToken stop)
    {
        var strategy = parsed.GetRequiredValue(_sampler) == "ritm" ? ClickStrategy.Ritm : ClickStrategy.Random;
        var (scores, labels) = ConsoleProgress.Run(terminal, progress => SimulatedSegmentation.Run(
            weights, image, truth, clickCount, strategy, parsed.GetValue(_seed), parsed.GetValue(_patches), progress, stop));
        using (labels)
            labels.Save(output);
        ScoreTables.WriteClicksByTarget(terminal, scores);
        if (parsed.GetValue(_csv) is { } csv)
            ClickScoresFile.SaveCsv(csv, scores);
        terminal.Line();
        terminal.Line($"labels after the last click: {output}");
        terminal.Line("Each label was scored by itself; where two overlap in the file, the later one is written.");
        return ExitCode.Ok;
    }

    private IReadOnlyList<PromptSet> Prompts(ParseResult parsed)
    {
        var space = parsed.GetValue(_world) ? CoordinateSpace.World : CoordinateSpace.Voxel;
        var one = new PromptSet
        {
            Clicks = [.. (parsed.GetValue(_click) ?? []).Select(text => PromptText.ParseClick(text, space))],
            Boxes = [.. (parsed.GetValue(_box) ?? []).Select(text => PromptText.ParseBox(text, space))],
            MaskPath = parsed.GetValue(_mask),
        };
        if (parsed.GetValue(_clicks) is { } prompts)
            return one.IsEmpty && space == CoordinateSpace.Voxel
                ? PromptFile.Read(prompts)
                : throw new UsageException("segment: --clicks FILE brings all prompts and their space; leave out --click, --box, --mask and --world.");
        return one.IsEmpty
            ? throw new UsageException("segment: there are no prompts; give --click x,y,z, or --box, --mask, --clicks FILE.json or --simulate LABELS.")
            : [one];
    }

    private int ClickCount(ParseResult parsed)
    {
        if (parsed.GetValue(_click) is { Length: > 0 } || parsed.GetValue(_box) is { Length: > 0 } || parsed.GetValue(_mask) is not null || parsed.GetValue(_world))
            throw new UsageException("segment: --simulate draws the clicks itself; leave out --click, --box, --mask and --world.");
        return parsed.GetValue(_clicks) switch
        {
            null => ClickScores.PublishedClicks[^1],
            var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 => count,
            var text => throw new UsageException($"--clicks: with --simulate expected a number of clicks above 0, got '{text}'."),
        };
    }

    /// <summary>An output never replaces an input, and another file only where that is asked for.</summary>
    private void RequireFree(ParseResult parsed, string output, IReadOnlyList<string?> inputs)
    {
        string? csv = parsed.GetValue(_csv);
        if (VolumeEnding.Of(output) is null)
            throw new UsageException($"--output: expected a file name that ends in {VolumeEnding.Written}, got '{output}'.");
        if (csv is not null && Path.GetFullPath(csv) == Path.GetFullPath(output))
            throw new UsageException($"segment: --output and --csv both name {csv}; give two files.");
        foreach (string written in new[] { output, csv }.OfType<string>())
        {
            if (inputs.OfType<string>().Any(input => Path.GetFullPath(input) == Path.GetFullPath(written)))
                throw new UsageException($"segment: {written} is an input, which would be lost; write to another file.");
            if (File.Exists(written) && !parsed.GetValue(_force))
                throw new UsageException($"segment: {written} is there already; choose another file, or give --force to replace it.");
            AtomicFile.RequireWritable(written);
        }
    }

    /// <summary>A run folder stands for its best weights.</summary>
    internal static string WeightsFile(string path)
    {
        if (!Directory.Exists(path) || File.Exists(Path.Combine(path, "model.safetensors.index.json")))
            return path;
        var run = RunFolder.Open(path);
        _ = run.Promptable;
        return File.Exists(run.BestPath) ? run.BestPath : throw new InvalidDataException($"{path}: the run was stopped before its first validation; it has no best weights.");
    }

    private static string DefaultOutput(string image) =>
        $"{VolumeEnding.Without(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(image))))}-segmentation.nii.gz";
}
