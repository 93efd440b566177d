using System.CommandLine;
using System.Globalization;
using TorchSharp;

namespace SamMed3D.Transfer.Cli;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string> Device() => new("--device")
    {
        Description = "Where to compute: auto (CUDA where there is one), cpu, cuda, or one card such as cuda:1.",
        HelpName = "auto|cpu|cuda[:N]",
        DefaultValueFactory = _ => "auto",
    };

    public static Option<int?> Threads() => new("--threads")
    {
        Description = "Threads of one torch operation. Default: as many as there are cores.",
        HelpName = "N",
        Validators = { result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) && threads > 0))
                result.AddError($"--threads: expected a whole number above 0, got '{text}'.");
        } },
    };

    /// <summary>Applies <c>--threads</c> to this process.</summary>
    public static void UseThreads(int? threads)
    {
        if (threads is { } count)
            torch.set_num_threads(count);
    }
}
