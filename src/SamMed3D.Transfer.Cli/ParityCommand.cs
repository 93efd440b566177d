using System.CommandLine;
using System.Globalization;
using TorchSharp;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d parity FOLDER</c>: this machine's numbers against golden cases.</summary>
internal static class ParityCommand
{
    private static readonly Argument<string> Folder = new("FOLDER") { Description = "A golden case, or a folder with cases anywhere below it." };
    private static readonly Option<string> Device = CommonOptions.Device();
    private static readonly Option<int?> Threads = CommonOptions.Threads();
    private static readonly Option<string> Precision = new("--precision")
    {
        Description = "Type of parameters and inputs. The stored tolerances hold for float32; other types are measured against them as well.",
        HelpName = "float32|float64|bfloat16",
        DefaultValueFactory = _ => "float32",
    };

    public static Command Create(Terminal terminal, IReadOnlyList<ParityCheck>? checks = null)
    {
        var command = new Command("parity", """
            Recompute every golden case below a folder and compare: shows that a machine, a GPU or a precision gives the right numbers.
            One line a case with the error that comes closest to its tolerance; the last line counts. Exit code 1 when a case fails or none is found.

            Examples:
              sammed3d parity tests/Golden
              sammed3d parity tests/Golden/losses --device cuda --precision bfloat16
            """)
        {
            Folder, Device, Precision, Threads,
        };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(Folder), parsed.GetRequiredValue(Device), parsed.GetRequiredValue(Precision), parsed.GetValue(Threads), checks));
        return command;
    }

    private static int Run(Terminal terminal, string folder, string device, string precision, int? threads, IReadOnlyList<ParityCheck>? checks)
    {
        CommonOptions.UseThreads(threads);
        var options = new ParityOptions
        {
            Device = DeviceChoice.Parse(device).Resolve(),
            Precision = precision switch
            {
                "float32" => torch.ScalarType.Float32,
                "float64" => torch.ScalarType.Float64,
                "bfloat16" => torch.ScalarType.BFloat16,
                _ => throw new UsageException($"--precision: expected float32, float64 or bfloat16, got '{precision}'."),
            },
        };
        int passed = 0, failed = 0, skipped = 0;
        foreach (var result in ParityRun.Run(folder, options, checks))
        {
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
                ? $"sammed3d: no golden case (config.json or expected.json) below {folder}."
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
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{result.Name}: {result.Quantities.Count} quantities, largest error {worst.Error:0.0e+0} of {worst.Tolerance:0.0e+0} allowed ({worst.Quantity}), {(result.Passed ? "passed" : "FAILED")}");
        return result.Quantities.Where(quantity => !quantity.Passed).Select(quantity => string.Create(CultureInfo.InvariantCulture,
            $"  {quantity.Quantity}: error {quantity.Error:0.0e+0}, allowed {quantity.Tolerance:0.0e+0}{(quantity.Note is null ? "" : $": {quantity.Note}")}")).Prepend(line);
    }
}
