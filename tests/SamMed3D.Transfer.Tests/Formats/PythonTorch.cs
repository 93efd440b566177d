using System.Diagnostics;

namespace SamMed3D.Transfer.Tests;

/// <summary>A Python with PyTorch, such as Debian's python3-torch, where one is installed.</summary>
internal static class PythonTorch
{
    private static readonly Lazy<string?> Interpreter = new(() => new[] { "/usr/bin/python3", "python3", "python" }.FirstOrDefault(HasTorch));

    /// <summary>Prints name, type, shape and bytes of every tensor of a dict, sorted by name.</summary>
    public const string Describe = """
        import argparse, collections, sys, torch
        def describe(tensors):
            for name in sorted(tensors):
                t = tensors[name].detach().contiguous().reshape(-1)
                data = bytes(t.view(torch.uint8).tolist()).hex() if t.numel() else ''
                print(name, str(t.dtype)[6:], list(tensors[name].shape), data)

        """;

    /// <summary>Runs a script and gives what it prints; skips the test where there is no such Python.</summary>
    public static string Run(string script, params string[] arguments)
    {
        Skip.If(Interpreter.Value is null, "no Python with PyTorch here (Debian: apt-get install python3-torch)");
        var (code, output, error) = Start(Interpreter.Value!, ["-c", Describe + script, .. arguments]);
        Assert.True(code == 0, error);
        return output.ReplaceLineEndings("\n");
    }

    /// <summary>What <see cref="Describe"/> prints, for a checkpoint that we read.</summary>
    public static string Expected(IWeightSource source)
    {
        using var scope = NewDisposeScope();
        return string.Concat(source.Tensors.OrderBy(info => info.Name, StringComparer.Ordinal).Select(info =>
            $"{info.Name} {TypeName(info.DType)} [{string.Join(", ", info.Shape)}] {Convert.ToHexStringLower(source.Read(info.Name).contiguous().bytes)}\n"));
    }

    private static string TypeName(ScalarType type) => type == ScalarType.Byte ? "uint8" : type.ToString().ToLowerInvariant();

    private static bool HasTorch(string interpreter)
    {
        try
        {
            return Start(interpreter, ["-c", "import torch"]).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static (int Code, string Out, string Error) Start(string interpreter, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(interpreter, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
