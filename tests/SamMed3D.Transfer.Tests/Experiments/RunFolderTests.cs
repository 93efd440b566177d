using System.Globalization;

namespace SamMed3D.Transfer.Tests;

public sealed class RunFolderTests : IDisposable
{
    private static readonly DateTimeOffset Start = DateTimeOffset.Parse("2026-03-04T05:06:07+00:00", CultureInfo.InvariantCulture);
    private readonly TemporaryFolder _folder = new();

    private Experiment Experiment => ExperimentFile.Parse($"name: try\nseed: 3\ndata: {{root: d}}\noutput: {_folder.Root}\n", "run.yaml");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_gets_a_folder_of_its_own_with_the_resolved_experiment()
    {
        var run = RunFolder.Create(Experiment, CPU, Start);
        Assert.Equal(Path.Combine(_folder.Root, "try-20260304-050607"), run.Path);
        Assert.Equal(Experiment, ExperimentFile.Read(run.ExperimentPath));
        Assert.True(Directory.Exists(Path.GetDirectoryName(run.BestPath)));
        Assert.Equal(run.Path + "-2", RunFolder.Create(Experiment, CPU, Start).Path);
    }

    [Fact]
    public void The_manifest_tells_how_the_run_came_about()
    {
        var run = RunFolder.Create(Experiment, CPU, Start);
        run.Finish(Start.AddHours(1));
        var manifest = RunFolder.Open(run.Path).Manifest;
        Assert.Equal(run.Manifest, manifest);
        Assert.True(manifest.IsFinished);
        Assert.Equal(Start.AddHours(1), manifest.Finished);
        Assert.Equal(3, manifest.Seed);
        Assert.Equal("cpu", manifest.Device);
        Assert.Equal(64, manifest.ExperimentSha256.Length);
        Assert.StartsWith("2.", manifest.LibTorch, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_not_overwritten_whether_finished_or_stopped()
    {
        string path = Path.Combine(_folder.Root, "mine");
        var first = RunFolder.Create(Experiment, CPU, Start, path);
        Assert.Contains("a run that was stopped", Assert.Throws<InvalidOperationException>(
            () => RunFolder.Create(Experiment with { Seed = 5 }, CPU, Start, path)).Message, StringComparison.Ordinal);
        Assert.Equal(3, RunFolder.Open(path).Manifest.Seed);
        first.Finish(Start);
        var error = Assert.Throws<InvalidOperationException>(() => RunFolder.Create(Experiment, CPU, Start, path));
        Assert.Contains("finished run", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_other_things_is_left_alone()
    {
        File.WriteAllText(Path.Combine(_folder.Root, "thesis.tex"), "x");
        Assert.Throws<InvalidOperationException>(() => RunFolder.Create(Experiment, CPU, Start, _folder.Root));
        Assert.Throws<InvalidDataException>(() => RunFolder.Open(_folder.Root));
    }

    [Fact]
    public void A_broken_manifest_is_named()
    {
        var run = RunFolder.Create(Experiment, CPU, Start);
        File.WriteAllText(run.ManifestPath, "{");
        Assert.Contains("run.json: not the manifest of a run", Assert.Throws<InvalidDataException>(() => RunFolder.Open(run.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_commit_is_read_from_loose_and_packed_references_and_worktrees()
    {
        string git = Path.Combine(_folder.Root, ".git"), below = Path.Combine(_folder.Root, "a", "b");
        Directory.CreateDirectory(Path.Combine(git, "refs", "heads"));
        Directory.CreateDirectory(below);
        File.WriteAllText(Path.Combine(git, "HEAD"), "ref: refs/heads/main\n");
        Assert.Null(GitState.Commit(below));
        File.WriteAllText(Path.Combine(git, "packed-refs"), "# pack\nabc123 refs/heads/main\n");
        Assert.Equal("abc123", GitState.Commit(below));
        File.WriteAllText(Path.Combine(git, "refs", "heads", "main"), "def456\n");
        Assert.Equal("def456", GitState.Commit(below));
        File.WriteAllText(Path.Combine(below, ".git"), $"gitdir: {git}\n");
        Assert.Equal("def456", GitState.Commit(below));
    }
}
