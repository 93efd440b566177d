using System.CommandLine;
using System.Globalization;
using TorchSharp;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d parity FOLDER</c>: this machine's numbers against golden cases.</summary>
internal sealed class ParityCommand
{
    private static readonly Dictionary<string, torch.ScalarType> Precisions = new()
    {
        ["float32"] = torch.ScalarType.Float32, ["float64"] = torch.ScalarType.Float64, ["bfloat16"] = torch.ScalarType.BFloat16,
    };

    private readonly Argument<string> _folder = new("FOLDER") { Description = "A golden case, or a folder with cases anywhere below it." };
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string> _precision = new("--precision")
    {
        Description = "Type of parameters and inputs. The stored tolerances hold for float32; other types are measured against them as well.",
        HelpName = string.Join('|', Precisions.Keys),
        DefaultValueFactory = _ => "float32",
    };

    private ParityCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop, IReadOnlyList<ParityCheck>? checks = null)
    {
        var parity = new ParityCommand();
        parity._precision.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Precisions.ContainsKey(text))
                result.AddError($"--precision: expected {string.Join(", ", Precisions.Keys)}, got '{text}'.");
        });
        var command = new ExampleCommand("parity", "Recompute every golden case below a folder and compare.", """
            Shows that a machine, a GPU or a precision gives the right numbers. A line a case, with the error that comes closest to its
            tolerance; the last line counts. Exit code 1 when a case fails or none is found.

            Examples:
              sammed3d parity tests/Golden
              sammed3d parity tests/Golden/losses --device cuda --precision bfloat16
            """)
        {
            parity._folder, parity._device, parity._precision, parity._threads,
        };
        command.SetAction(parsed => parity.Run(parsed, terminal, checks, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, IReadOnlyList<ParityCheck>? checks, CancellationToken stop)
    {
        CommonOptions.UseThreads(parsed.GetValue(_threads));
        string folder = parsed.GetRequiredValue(_folder);
        var options = new ParityOptions
        {
            Device = CommonOptions.Resolve(DeviceChoice.Parse(parsed.GetRequiredValue(_device))),
            Precision = Precisions[parsed.GetRequiredValue(_precision)],
        };
        int passed = 0, failed = 0, skipped = 0;
        foreach (var result in ParityRun.Run(folder, options, checks))
        {
            stop.ThrowIfCancellationRequested();
            foreach (string line in Describe(result))
                terminal.Line(line);
            if (!result.IsCovered)
                skipped++;
            else if (result.Passed)
                passed++;
            else
                failed++;
        }

        if (passed + failed == 0)
            terminal.Error.WriteLine(skipped == 0
                ? $"sammed3d: no golden case (config.json, expected.json or metrics.json) below {folder}."
                : $"sammed3d: none of the {skipped} cases below {folder} is of a kind that this version can check.");
        terminal.Line($"{passed} passed, {failed} failed");
        return failed == 0 && passed > 0 ? ExitCode.Ok : ExitCode.Failure;
    }

    private static IEnumerable<string> Describe(ParityCase result)
    {
        if (!result.IsCovered)
            return [$"{result.Name}: skipped: no check for this kind of case"];
        if (result.Worst is not { } worst)
            return [$"{result.Name}: nothing compared, FAILED"];
        if (result.Quantities is [{ Error: double.PositiveInfinity, Note: { } reason, Tolerance: 0 }])
            return [$"{result.Name}: {reason.ReplaceLineEndings(" ")}, FAILED"];
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{result.Name}: {result.Quantities.Count(quantity => !quantity.IsSkipped)} quantities, {(double.IsInfinity(worst.Error) ? $"not comparable: {worst.Quantity}" : Share(worst))}, {(result.Passed ? "passed" : "FAILED")}");
        return result.Quantities.Where(quantity => !quantity.Passed).Select(quantity => quantity.IsSkipped
            ? $"  {quantity.Quantity}: skipped: {quantity.Note}"
            : double.IsInfinity(quantity.Error) && quantity.Note is not null
            ? $"  {quantity.Quantity}: {quantity.Note.ReplaceLineEndings(" ")}"
            : string.Create(CultureInfo.InvariantCulture,
                $"  {quantity.Quantity}: error {quantity.Error:0.0e+0}, allowed {quantity.Tolerance:0.0e+0}{(quantity.Note is null ? "" : $": {quantity.Note}")}")).Prepend(line);
    }

    private static string Share(ParityQuantity worst) => string.Create(CultureInfo.InvariantCulture,
        $"largest error {worst.Error:0.0e+0} of {worst.Tolerance:0.0e+0} allowed ({worst.Quantity})");
}
