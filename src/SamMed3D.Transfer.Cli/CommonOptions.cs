using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using TorchSharp;

namespace SamMed3D.Transfer.Cli;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    public static Option<string> Device()
    {
        var option = new Option<string>("--device")
        {
            Description = "Where to compute: auto (CUDA where there is one), cpu, cuda, or one card such as cuda:1.",
            HelpName = "auto|cpu|cuda[:N]",
            DefaultValueFactory = _ => "auto",
        };
        RequireDevice(option);
        return option;
    }

    /// <summary>The device where an experiment names one already.</summary>
    public static Option<string?> DeviceOverride()
    {
        var option = new Option<string?>("--device")
        {
            Description = "Where to compute, in place of the experiment's device: auto, cpu, cuda, or one card such as cuda:1.",
            HelpName = "auto|cpu|cuda[:N]",
        };
        RequireDevice(option);
        return option;
    }

    public static Option<bool> IgnoreMemory() => new("--ignore-memory")
    {
        Description = "Train even where the estimate says that a run needs more memory than there is.",
    };

    public static Option<int?> Threads()
    {
        var option = new Option<int?>("--threads")
        {
            Description = "Threads of one torch operation. Default: as many as there are cores.",
            HelpName = "N",
        };
        RequirePositive(option);
        return option;
    }

    public static Option<string[]> Set(string file = "experiment") => new("--set")
    {
        Description = $"Override a key of the {file}, the value in YAML; may be given several times, the last one wins.",
        HelpName = "path.to.key=value",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>A number with a point, whatever the language of the machine; the default is shown in the help.</summary>
    public static Option<double> Number(string name, string unit, string description, double value) => new(name)
    {
        Description = description,
        HelpName = unit,
        DefaultValueFactory = _ => value,
        CustomParser = result => Number(result, name) ?? 0,
    };

    /// <summary>A number that may be left out.</summary>
    public static Option<double?> Number(string name, string unit, string description) => new(name)
    {
        Description = description,
        HelpName = unit,
        CustomParser = result => Number(result, name),
    };

    public static void RequirePositive(Option<int?> option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0))
            result.AddError($"{option.Name}: expected a whole number above 0, got '{text}'.");
    });

    private static double? Number(ArgumentResult result, string name)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            return number;
        result.AddError($"{name}: expected a number, got '{result.Tokens[0].Value}'.");
        return null;
    }

    private static void RequireDevice(Option option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }] && !DeviceChoice.TryParse(text, out _))
            result.AddError($"{option.Name}: expected auto, cpu, cuda or cuda:1, got '{text}'.");
    });

    /// <summary>The device on this machine.</summary>
    /// <exception cref="UsageException">There is no such device here.</exception>
    public static torch.Device Resolve(DeviceChoice device)
    {
        try
        {
            return device.Resolve();
        }
        catch (InvalidOperationException reason)
        {
            throw new UsageException(reason.Message);
        }
    }

    /// <summary>Applies <c>--threads</c> to this process.</summary>
    public static void UseThreads(int? threads)
    {
        if (threads is { } count)
            torch.set_num_threads(count);
    }
}
