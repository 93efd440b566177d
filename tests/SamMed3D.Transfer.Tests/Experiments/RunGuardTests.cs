using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

/// <summary>What keeps a run whole while data, disks and processes fail around it.</summary>
public sealed class RunGuardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_files_of_the_fold_are_in_the_folder_with_their_hashes()
    {
        var run = Stopped(Tiny(), step: 1);
        var files = JsonSerializer.Deserialize<List<DataFile>>(File.ReadAllText(run.DataPath), RunFolder.Json)!;
        Assert.Equal(10, files.Count);
        Assert.Equal(5, files.Select(file => file.Case).Distinct().Count());
        Assert.All(files, file =>
        {
            Assert.Equal(new FileInfo(file.Path).Length, file.Bytes);
            Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.Path))), file.Sha256, ignoreCase: true);
        });
    }

    [Fact]
    public void A_run_on_data_that_are_others_by_now_does_not_go_on()
    {
        var run = Stopped(Tiny(), step: 1);
        string label = Directory.GetFiles(_folder.File("data/labelsTr")).Order(StringComparer.Ordinal).First();
        byte[] before = File.ReadAllBytes(label);
        var changedAt = File.GetLastWriteTimeUtc(label);
        byte[] after = [.. before];
        after[^9] ^= 1; // In the compressed data: size and time stay what they were.
        File.WriteAllBytes(label, after);
        File.SetLastWriteTimeUtc(label, changedAt);

        string message = Assert.Throws<InvalidDataException>(() => Resumed(run)).Message;
        Assert.StartsWith($"{label}: was changed since {run.Path} began: it had {before.Length} bytes with SHA-256 ", message, StringComparison.Ordinal);
        File.Delete(label);
        Assert.Contains("1 file is missing: labelsTr/", Assert.Throws<InvalidDataException>(() => Resumed(run)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(label, before);
        Resumed(run);
        Assert.True(RunFolder.Open(run.Path).Manifest.IsFinished);
    }

    [Fact]
    public void A_second_process_is_refused_while_a_run_is_trained_and_its_folder_stays()
    {
        var run = Create(Tiny(), "run");
        string? refused = null, created = null;
        Train(run, new Listener(value =>
        {
            if (value is not { Stage: "training", Done: 2 })
                return;
            refused = Assert.Throws<InvalidOperationException>(() => Resumed(run)).Message;
            created = Assert.Throws<InvalidOperationException>(() => Create(Tiny(), "run")).Message;
        }));
        Assert.Equal($"{run.Path}: is being trained by another process; wait until it has ended, or stop it.", refused);
        Assert.Contains("holds a run that was stopped", created, StringComparison.Ordinal);
        Assert.True(RunFolder.Open(run.Path).Manifest.IsFinished);
        Assert.False(File.Exists(Path.Combine(run.Path, "run.lock")));
    }

    [Fact]
    public void What_a_crash_left_half_written_is_cleared_away_and_torn_rows_are_too()
    {
        var run = Stopped(Tiny(), step: 1);
        string torn = run.StatePath + ".0123456789abcdef0123456789abcdef.tmp";
        File.WriteAllText(torn, "half");
        File.AppendAllText(run.MetricsPath, "1");
        Resumed(run);
        Assert.False(File.Exists(torn));
        Assert.Equal(["1", "2", "3"], File.ReadLines(run.MetricsPath).Skip(1).Select(row => row.Split(',')[0]));
    }

    [Fact]
    public void A_case_that_breaks_in_the_middle_is_named_and_the_run_goes_on_once_it_is_mended()
    {
        var experiment = Tiny();
        experiment = experiment with { Data = experiment.Data with { Cache = _folder.File("cache"), Workers = 2 }, Training = experiment.Training with { Steps = 8, ValidateEvery = 3 } };
        var whole = Create(experiment, "whole");
        Train(whole);
        var run = Create(experiment, "run");
        Dictionary<string, byte[]> images = [];
        string message = Assert.Throws<InvalidDataException>(() => Train(run, new Listener(value =>
        {
            if (value is not { Stage: "training", Done: 1 })
                return;
            // Entries that are damaged are made anew from the images; those are gone too.
            foreach (string file in Directory.GetFiles(_folder.File("cache"), "*", SearchOption.TopDirectoryOnly))
                using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                    stream.SetLength(stream.Length / 2);
            foreach (string file in Directory.GetFiles(_folder.File("data/imagesTr")))
            {
                images[file] = File.ReadAllBytes(file);
                File.Delete(file);
            }
        }))).Message;
        Assert.Contains(images.Keys, file => message.Contains(Path.GetFileName(file), StringComparison.Ordinal));
        Assert.Matches($"; the state after step [1-8] is kept: mend this and go on with --resume {run.Path}\\.$", message);

        foreach (var (file, content) in images)
            File.WriteAllBytes(file, content);
        Resumed(run);
        Assert.Equal(File.ReadAllText(whole.MetricsPath), File.ReadAllText(run.MetricsPath));
        AssertEqual(whole.LastPath, run.LastPath);
    }

    [Fact]
    public void A_stop_in_the_middle_of_a_validation_keeps_the_step_and_the_run_ends_like_one_that_was_never_stopped()
    {
        var experiment = Tiny();
        experiment = experiment with
        {
            Data = experiment.Data with { FoldCount = 2 }, Training = experiment.Training with { Steps = 5, ValidateEvery = 2, AverageDecay = 0.9 },
        };
        var whole = Create(experiment, "whole");
        Train(whole);
        var run = Create(experiment, "run");
        using var stop = new CancellationTokenSource();
        var stopped = Assert.Throws<RunStoppedException>(() => Train(run, new Listener(value =>
        {
            if (value is { Stage: "validating" })
                stop.Cancel();
        }), stop.Token));
        Assert.Contains("stopped after step 2 of 5", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(["1"], File.ReadLines(run.MetricsPath).Skip(1).Select(row => row.Split(',')[0]));
        Resumed(run);
        Assert.Equal(File.ReadAllText(whole.MetricsPath), File.ReadAllText(run.MetricsPath));
        AssertEqual(whole.LastPath, run.LastPath);
        AssertEqual(whole.BestPath, run.BestPath);
    }

    [Fact]
    public void A_state_that_was_cut_anywhere_is_refused_in_one_line_with_what_to_do()
    {
        var run = Stopped(Tiny(), step: 1);
        byte[] state = File.ReadAllBytes(run.StatePath);
        int header = (int)BitConverter.ToInt64(state) + 8;
        int[] lengths = [0, 1, 7, 8, 9, header / 2, header - 1, header, header + 1, .. Enumerable.Range(1, 20).Select(part => header + (state.Length - header) * part / 21), state.Length - 1];
        foreach (int length in lengths)
        {
            File.WriteAllBytes(run.StatePath, state[..length]);
            string message = Assert.Throws<InvalidDataException>(() => Resumed(run)).Message;
            Assert.StartsWith(run.StatePath, message, StringComparison.Ordinal);
            Assert.Contains("start: {kind: checkpoint", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }

        File.WriteAllBytes(run.StatePath, state);
        Resumed(run);
    }

    [Fact]
    public void A_bit_of_the_state_that_changed_is_noticed_wherever_it_is()
    {
        var run = Stopped(Tiny(), step: 1);
        byte[] state = File.ReadAllBytes(run.StatePath);
        int header = (int)BitConverter.ToInt64(state) + 8;
        int text = state.AsSpan().IndexOf("bestMean"u8);
        foreach (int place in new[] { text + 1, header, (header + state.Length) / 2, state.Length - 1 })
        {
            byte[] changed = [.. state];
            changed[place] ^= 1;
            File.WriteAllBytes(run.StatePath, changed);
            string message = Assert.Throws<InvalidDataException>(() => Resumed(run)).Message;
            Assert.StartsWith($"{run.StatePath}: its checksum is wrong", message, StringComparison.Ordinal);
            Assert.Contains("start: {kind: checkpoint", message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(run.StatePath, state);
        Resumed(run);
    }

    [Fact]
    public void A_run_that_was_stopped_before_its_first_step_goes_on()
    {
        var whole = Create(Tiny(), "whole");
        Train(whole);
        var run = Create(Tiny(), "run");
        using var stop = new CancellationTokenSource();
        var stopped = Assert.Throws<RunStoppedException>(() => Train(run, new Listener(value =>
        {
            if (value.Stage == "learning")
                stop.Cancel();
        }), stop.Token));
        Assert.StartsWith("stopped before the first of", stopped.Message, StringComparison.Ordinal);
        Resumed(run);
        Assert.Equal(File.ReadAllText(whole.MetricsPath), File.ReadAllText(run.MetricsPath));
        AssertEqual(whole.LastPath, run.LastPath);
    }

    private static SegmentationScores Train(RunFolder run, IProgress<RunProgress>? progress = null, CancellationToken stop = default) =>
        ExperimentRunner.Train(run, progress, stop: stop);

    private static SegmentationScores Resumed(RunFolder run) => ExperimentRunner.Train(RunFolder.Open(run.Path), isResumed: true);

    private RunFolder Stopped(Experiment experiment, long step)
    {
        var run = Create(experiment, "stopped");
        using var stop = new CancellationTokenSource();
        Assert.Throws<RunStoppedException>(() => Train(run, new Listener(value =>
        {
            if (value.Stage == "training" && value.Done == step)
                stop.Cancel();
        }), stop.Token));
        return run;
    }

    private RunFolder Create(Experiment experiment, string name) =>
        RunFolder.Create(ExperimentRunner.Prepare(experiment), CPU, DateTimeOffset.UnixEpoch, _folder.File(name));

    private Experiment Tiny() => TinyExperiment.In(_folder.Root);

    private static void AssertEqual(string first, string second)
    {
        using Checkpoint one = Checkpoint.Open(first), other = Checkpoint.Open(second);
        foreach (var info in one.Tensors)
        {
            using Tensor expected = one.Read(info.Name), got = other.Read(info.Name);
            Assert.True(expected.equal(got).all().item<bool>(), info.Name);
        }
    }

    private sealed class Listener(Action<RunProgress> heard) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => heard(value);
    }
}
