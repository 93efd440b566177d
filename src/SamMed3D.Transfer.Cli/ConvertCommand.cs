using System.CommandLine;
using TorchSharp;

namespace SamMed3D.Transfer.Cli;

/// <summary>
/// <c>sammed3d convert IN OUT</c>: a checkpoint in another container, under other names, in another precision; or a volume in another format.
/// What IN is decides.
/// </summary>
internal sealed class ConvertCommand
{
    private static readonly Dictionary<string, torch.ScalarType> Types = new()
    {
        ["float32"] = torch.ScalarType.Float32, ["float16"] = torch.ScalarType.Float16, ["bfloat16"] = torch.ScalarType.BFloat16,
    };

    private readonly Argument<string> _in = new("IN") { Description = "A checkpoint (.pth, .safetensors, a *.safetensors.index.json or its folder) or a volume (NIfTI, NRRD, MetaImage, a DICOM folder or one of its files)." };
    private readonly Argument<string> _out = new("OUT") { Description = $"The file to write; its ending decides: .safetensors, or .pth, .pt, .bin; for a volume {VolumeEnding.Written}." };
    private readonly Option<string?> _prefix = new("--prefix-strip")
    {
        Description = "Take this away from the beginning of the names that have it; an example is 'module.'.",
        HelpName = "P",
    };

    private readonly Option<string?> _type = new Option<string?>("--dtype")
    {
        Description = "Type of all floating-point tensors; values beyond its range are an error. Default: as they are.",
        HelpName = string.Join('|', Types.Keys),
    }.AcceptOnlyFromAmong([.. Types.Keys]);

    private readonly Option<string?> _base = new("--base")
    {
        Description = "IN is only what learned (adapter.safetensors of a run): put it on the file that training started from, and write the model whole.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _merge = new("--merge") { Description = "Merge LoRA into the layers that it stands beside: the plain model that computes the same." };
    private readonly Option<bool> _bare = new("--bare") { Description = "Write a .pth as a bare state dict, without model_state_dict and manifest around." };
    private readonly Option<bool> _force = new("--force") { Description = "Replace OUT if it exists." };

    private ConvertCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var convert = new ConvertCommand();
        var command = new ExampleCommand("convert", "Convert a checkpoint between .pth and .safetensors, or a volume between file formats.", """
            Nothing in the file is executed. Without --dtype every value keeps its bits. The model's state dict is converted, not an
            optimizer's; what is left out is counted. A .pth that is written is read by torch.load(path, weights_only=True).
            A volume keeps its grid (mm) and its values: whole numbers of one channel in the smallest integer type, others in float32.

            Examples:
              sammed3d convert sam_med3d_turbo.pth sam_med3d_turbo.safetensors
              sammed3d convert ddp.pth encoder.safetensors --prefix-strip module. --dtype bfloat16
              sammed3d convert model.safetensors.index.json whole.pth
              sammed3d convert runs/lora/checkpoints/adapter.safetensors whole.safetensors --base sam_med3d_turbo.pth --merge
              sammed3d convert dicom/ct_abdomen ct.nii.gz
              sammed3d convert labels.nrrd labels.nii.gz
            """)
        {
            convert._in, convert._out, convert._prefix, convert._type, convert._base, convert._merge, convert._bare, convert._force,
        };
        command.SetAction(parsed => convert.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string source = parsed.GetRequiredValue(_in), target = parsed.GetRequiredValue(_out);
        if (source.Length == 0 || target.Length == 0)
            throw new UsageException("convert: the name of a file is empty.");
        try
        {
            if (FileContent.KindOf(source) == FileKind.Volume)
                return RunVolume(parsed, source, target, terminal);
            var options = new ConversionOptions
            {
                StripPrefix = parsed.GetValue(_prefix),
                DType = parsed.GetValue(_type) is { } type ? Types[type] : null,
                Section = parsed.GetValue(_bare) ? null : new ConversionOptions().Section,
                Overwrite = parsed.GetValue(_force),
            };
            bool isMerged = parsed.GetValue(_merge);
            var report = parsed.GetValue(_base) is { } basis ? CheckpointConversion.Assemble(source, basis, isMerged, target, options, stop)
                : isMerged ? CheckpointConversion.Assemble(source, null, isMerged, target, options, stop)
                : CheckpointConversion.Convert(source, target, options, stop);
            terminal.Line($"{target}: {report.TensorCount} tensors, {report.RenamedCount} renamed, {report.CastCount} cast"
                + (report.LeftOutCount > 0 ? $"; {report.LeftOutCount} tensors outside of the state dict left out" : ""));
            if (parsed.GetValue(_base) is null && !isMerged && Checkpoint.Open(target) is { } written)
                using (written)
                    if (written.Manifest?.Base is { } missing)
                        terminal.Line($"{target} is still only what learned: --base {missing.Name} would have made it whole.");
            return ExitCode.Ok;
        }
        catch (InvalidOperationException refusal)
        {
            throw new UsageException($"{refusal.Message} Give --force to replace it.");
        }
        catch (ArgumentException refusal)
        {
            throw new UsageException(refusal.Message.Replace($" (Parameter '{refusal.ParamName}')", "", StringComparison.Ordinal));
        }
    }

    private int RunVolume(ParseResult parsed, string source, string target, Terminal terminal)
    {
        if (parsed.GetValue(_prefix) is not null || parsed.GetValue(_type) is not null || parsed.GetValue(_base) is not null
            || parsed.GetValue(_merge) || parsed.GetValue(_bare))
            throw new UsageException($"convert: {source} is a volume; --prefix-strip, --dtype, --base, --merge and --bare are for checkpoints.");
        var written = VolumeConversion.Convert(source, target, parsed.GetValue(_force));
        terminal.Line($"{target}: {written.Format}, {written.Geometry}{(written.Channels > 1 ? $", {written.Channels} channels" : "")}");
        return ExitCode.Ok;
    }
}
