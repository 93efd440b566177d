using System.CommandLine;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d inspect FILE</c>: what is in a checkpoint or a volume.</summary>
internal sealed class InspectCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A checkpoint (.pth, .safetensors) or a volume (NIfTI, NRRD, MetaImage, DICOM file or folder); the content decides, not the name." };
    private readonly Option<bool> _all = new("--all") { Description = "List every tensor of a checkpoint, not groups of them." };
    private readonly Option<string?> _against = new("--against") { Description = "Compare with another checkpoint: exit code 0 when all tensors are equal, 1 when not.", HelpName = "FILE" };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    private InspectCommand()
    {
    }

    public static Command Create(Terminal terminal)
    {
        var inspect = new InspectCommand();
        var command = new ExampleCommand("inspect", "Show the tensors of a checkpoint, or the geometry and values of a volume.", """
            Nothing in the file is executed. Spacings and affines are in mm, RAS+ (x to the right, y to the front, z to the head).

            Examples:
              sammed3d inspect sam_med3d_turbo.pth
              sammed3d inspect runs/first/checkpoints/best.safetensors --all
              sammed3d inspect runs/first/checkpoints/best.safetensors --against runs/second/checkpoints/best.safetensors
              sammed3d inspect ct.nii.gz --json
            """)
        {
            inspect._file, inspect._all, inspect._against, inspect._json,
        };
        command.SetAction(parsed => inspect.Run(parsed, terminal));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal)
    {
        string file = parsed.GetRequiredValue(_file);
        if (file.Length == 0)
            throw new UsageException("inspect: the name of the file is empty.");
        bool asJson = parsed.GetValue(_json);
        if (parsed.GetValue(_against) is { } other)
            return CheckpointComparisonText.Write(terminal, file, other, asJson);
        if (FileContent.KindOf(file) == FileKind.Volume)
        {
            var description = VolumeDescription.Open(file);
            if (asJson)
                VolumeText.WriteJson(terminal, file, description);
            else
                VolumeText.Write(terminal, file, description);
        }
        else
        {
            using var checkpoint = Checkpoint.Open(file);
            if (asJson)
                CheckpointText.WriteJson(terminal, checkpoint);
            else
                CheckpointText.Write(terminal, checkpoint, parsed.GetValue(_all));
        }

        return ExitCode.Ok;
    }
}
