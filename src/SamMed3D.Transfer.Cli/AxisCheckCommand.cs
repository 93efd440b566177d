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
            file describes them (RAS) must win. Where another order does, the file is wrong about its axes, and a start from such weights
            loses what pretraining gives. Exit code 1 then. Weights that were trained with flips cannot tell a flip: those orders tie.

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
            throw new InvalidDataException($"{image}: {reason.Message}", reason);
        }

        var table = new TextTable("order", "mean Dice");
        foreach (var score in scores)
            table.Add(score.Order.Code, Number(score.MeanDice));
        table.Write(terminal);
        terminal.Line();
        var own = scores.First(score => score.Order == Orientation.Canonical);
        bool isBest = own.MeanDice >= scores[0].MeanDice;
        string ties = string.Join(", ", scores.Where(score => score != own && score.MeanDice == own.MeanDice).Select(score => score.Order.Code));
        terminal.Line(isBest
            ? $"RAS wins over {targets} target(s), {Number(own.MeanDice)} against {Number(scores.First(score => score != own).MeanDice)}: the data lie as the weights expect.{(ties.Length > 0 ? $" It ties with {ties}." : "")}"
            : $"{scores[0].Order} wins over {targets} target(s), {Number(scores[0].MeanDice)} against {Number(own.MeanDice)} for RAS: the file is wrong about its axes, or these weights do not know such targets.");
        return isBest ? ExitCode.Ok : ExitCode.Failure;
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
