using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_does_not_fit_is_trained_where_its_user_says_so()
    {
        string config = _folder.Write("run.yaml", $"name: try\noutput: {_folder.Root}\ndata: {{root: d}}\n");
        var runner = new FakeRunner();
        Assert.Equal(ExitCode.Ok, CommandLine.Run(runner, CancellationToken.None, "train", config, "--device", "cpu").ExitCode);
        Assert.False(runner.Trained!.IgnoresMemory);
        Assert.Equal(ExitCode.Ok, CommandLine.Run(runner, CancellationToken.None, "train", "--resume", runner.Trained.Path, "--ignore-memory").ExitCode);
        Assert.True(runner.Trained.IgnoresMemory);
    }
}
