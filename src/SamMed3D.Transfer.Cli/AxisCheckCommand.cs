using System.CommandLine;
using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d axis-check</c>: whether data lie as the weights expect.</summary>
internal sealed class AxisCheckCommand
{
    private readonly Option<string> _weights = new("--weights", "-w")
    {
        Description = "A promptable model: a SAM-Med3D checkpoint, weights that 'train' made, or a run folder of it.",
        HelpName = "FILE|RUN",
        Required = true,
    };

    private readonly Option<string> _image = new("--image", "-i") { Description = "A volume.", HelpName = "FILE", Required = true };
    private readonly Option<string> _label = new("--label", "-l")
    {
        Description = "Its true labels, on the same grid; every value above 0 is a target.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<int?> _clicks = new("--clicks") { Description = "Clicks on each target. Default: 1.", HelpName = "N" };
    private readonly Option<int?> _minimumVoxels = new("--minimum-voxels")
    {
        Description = "Targets with fewer voxels, at the model's spacing, are left out. Default: 100.",
        HelpName = "N",
    };

    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    private AxisCheckCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var check = new AxisCheckCommand();
        var command = new ExampleCommand("axis-check", "Find out whether your data lie as the weights expect: all 48 orders of the axes.", """
            Segments every target with one click under all 48 orders and directions of the axes. With well-trained weights the data as their
            file describes them (RAS) must be among the best. Where another order is better by more than 0.02 of Dice, the file is wrong about its
            axes, or the weights do not know such targets; exit code 1 then, and also where no order reaches a Dice of 0.1. Weights that were
            trained with flips cannot tell a mirror image: those orders come out about equal.

            Examples:
              sammed3d axis-check --weights sam_med3d_turbo.pth --image ct.nii.gz --label labels.nii.gz
            """)
        {
            check._weights, check._image, check._label, check._clicks, check._minimumVoxels, check._device, check._threads,
        };
        CommonOptions.RequirePositive(check._clicks);
        CommonOptions.RequirePositive(check._minimumVoxels);
        command.SetAction(parsed => check.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        var device = CommonOptions.Resolve(DeviceChoice.Parse(parsed.GetRequiredValue(_device)));
        string image = parsed.GetRequiredValue(_image), label = parsed.GetRequiredValue(_label);
        using var weights = PromptableWeights.Open(SegmentCommand.WeightsFile(parsed.GetRequiredValue(_weights)), device);
        if (!weights.IsSpacingKnown)
            terminal.Error.WriteLine($"note: the weights do not say which spacing they were trained at; {weights.Spacing} mm is assumed, as SAM-Med3D was.");
        IReadOnlyList<AxisScore> scores;
        int targets;
        try
        {
            using var regions = ImageTargets.Open(image, label, weights, parsed.GetValue(_minimumVoxels) ?? 100);
            targets = regions.Regions.Targets.Count;
            if (targets == 0)
                throw new InvalidDataException($"{label}: no target has enough voxels ({regions.Regions.LeftOut} have fewer); give --minimum-voxels.");
            scores = ConsoleProgress.Run(terminal, progress => AxisCheck.Run(weights.Model, regions.Regions, parsed.GetValue(_clicks) ?? 1, progress, stop));
        }
        catch (ArgumentException reason)
        {
            throw new InvalidDataException($"{image}: {TorchError.Reason(reason)}", reason);
        }

        var table = new TextTable("order", "mean Dice");
        foreach (var score in scores)
            table.Add(score.Order.Code, Number(score.MeanDice));
        table.Write(terminal);
        terminal.Line();
        var own = scores.First(score => score.Order == Orientation.Canonical);
        var best = scores[0];
        var verdict = AxisCheck.Judge(scores);
        terminal.Line(verdict switch
        {
            AxisVerdict.Unknown =>
                $"No order reaches a Dice of {Number(AxisCheck.LeastDice)} over {targets} target(s): these weights do not know such targets, and nothing can be told.",
            AxisVerdict.Right =>
                $"RAS wins over {targets} target(s), {Number(own.MeanDice)} against {Number(scores[1].MeanDice)} for {scores[1].Order}: the data lie as the weights expect.",
            AxisVerdict.Undecided =>
                $"RAS has {Number(own.MeanDice)} over {targets} target(s), within {Number(AxisCheck.Margin)} of the best ({best.Order}, {Number(best.MeanDice)}): nothing speaks against the file's axes.",
            _ =>
                $"{best.Order} wins over {targets} target(s), {Number(best.MeanDice)} against {Number(own.MeanDice)} for RAS: the file is wrong about its axes, or these weights do not know such targets.",
        });
        return verdict is AxisVerdict.Right or AxisVerdict.Undecided ? ExitCode.Ok : ExitCode.Failure;
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
