using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public class DoctorCommandTests
{
    private static CommandLine Doctor(string folder, TorchProof? proof, string? failure)
    {
        using StringWriter output = new(), error = new();
        int code = DoctorCommand.Run(new Terminal { Out = output, Error = error }, folder, () => (proof, failure));
        return new CommandLine(code, output.ToString().ReplaceLineEndings("\n"), error.ToString());
    }

    [Fact]
    public void A_machine_on_which_torch_works_passes()
    {
        var result = CommandLine.Run("doctor");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        foreach (string name in new[] { "sammed3d ", ".NET ", "TorchSharp ", "LibTorch ", "system ", "processor ", "memory ", "torch threads ", "CUDA ", "loader step " })
            Assert.Contains(result.OutLines, line => line.StartsWith(name, StringComparison.Ordinal));
        Assert.Contains("works", Assert.Single(result.OutLines, line => line.StartsWith("torch  ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Torch_that_does_not_load_is_explained()
    {
        using var folder = new TemporaryFolder();
        var result = Doctor(folder.Root, null, "DllNotFoundException: no LibTorchSharp");
        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("DOES NOT LOAD: DllNotFoundException: no LibTorchSharp", result.Out, StringComparison.Ordinal);
        Assert.Contains("\n- ", result.Out, StringComparison.Ordinal);
        Assert.Contains("memory ", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_numbers_are_a_failure()
    {
        var result = Doctor(AppContext.BaseDirectory, new TorchProof("2.10.0", 2, 1, 5), null);
        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.Contains("GIVES WRONG NUMBERS: 5", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_real_proof_gives_the_expected_number() => Assert.Equal(TorchProof.Expected, TorchProof.Try().Proof!.Result);

    [SkippableFact]
    public void A_library_without_the_loader_step_is_found_where_the_step_is_needed()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs Linux");
        using var folder = new TemporaryFolder();
        Assert.Contains("is not in", LoaderStep.Inspect(folder.Root).Text, StringComparison.Ordinal);
        byte[] library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
        var need = ElfVersionNeeds.Read(library).Single(candidate => candidate.Version == ElfVersionNeeds.NewLibStdCxx);
        bool isOffered = ElfVersionNeeds.SystemOffersNewLibStdCxx(out _);
        Assert.Null(LoaderStep.Inspect(AppContext.BaseDirectory).Advice);
        library[need.FlagsOffset] &= 0xff ^ (byte)ElfVersionNeeds.WeakFlag;
        File.WriteAllBytes(folder.File("libLibTorchSharp.so"), library);
        var step = LoaderStep.Inspect(folder.Root);
        Assert.Equal(isOffered, step.Advice is null);
        Assert.Contains(isOffered ? "not needed here" : "MISSING", step.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_needs_nothing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("libLibTorchSharp.so", "text");
        Assert.Null(LoaderStep.Inspect(folder.Root).Advice);
    }
}
