using System.Diagnostics;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>How long training waits for its batches: hippocampus patches from memory, and 128^3 patches of a large CT from the cache.</summary>
internal static class LoaderBenchmark
{
    /// <param name="steps">Training steps that are timed, for every number of workers.</param>
    /// <param name="folder">A new folder for the CT and its cache, about 3 GB; it is deleted afterwards.</param>
    /// <param name="edge">Voxels of the CT along X and Y; three quarters of it along Z.</param>
    public static void Run(int steps, string folder, int edge)
    {
        Directory.CreateDirectory(folder);
        try
        {
            if (Directory.Exists("../shared/data/dataset_nnunet"))
                Hippocampus(steps);
            else
                Console.WriteLine("hippocampus: left out, there is no ../shared/data/dataset_nnunet");
            LargeCt(Math.Max(2, steps / 4), folder, edge);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Hippocampus(int steps)
    {
        var experiment = ExperimentRunner.Prepare(ExperimentFile.Read("configs/hippocampus-unetr-scratch.yaml", ["data.augmentation=standard"]));
        var manifest = DatasetManifest.Open(experiment.Data.Root);
        using var cases = new CaseStore([.. manifest.TrainingCases], new CasePreprocessor(experiment.Data.Preprocessing, manifest).Open);
        for (var index = 0; index < cases.Count; index++)
            cases.Prepare(index);
        Measure("hippocampus, 2 x 48x64x48 from memory, standard augmentation", experiment, cases, steps);
    }

    private static void LargeCt(int steps, string folder, int edge)
    {
        var size = new Size3(edge, edge, edge * 3 / 4);
        var one = WriteCt(folder, size);
        var options = new PreprocessingOptions { Normalization = Normalization.ZScore };
        ProcessMemory.ResetPeak();
        double before = ProcessMemory.PeakMebibytes();
        var cache = new CaseCache(Path.Combine(folder, "cache"), new CasePreprocessor(options, 1, 3));
        double building = Seconds(() => new CaseStore([one], cache).Prepare(0));
        Console.WriteLine(FormattableString.Invariant(
            $"CT {size}: into the cache in {building:F1} s, peak memory {ProcessMemory.PeakMebibytes() - before:F0} MiB, entry {new FileInfo(cache.PathOf(one)).Length / 1048576.0:F0} MiB"));

        ProcessMemory.ResetPeak();
        before = ProcessMemory.PeakMebibytes();
        cache = new CaseCache(Path.Combine(folder, "cache"), new CasePreprocessor(options, 1, 3));
        using var cases = new CaseStore([one], cache);
        double opening = Seconds(() => cases.Prepare(0));
        var source = new PatchBatchSource(cases, new PatchOptions(), new RandomFlipOptions { Axes = [0, 1, 2] }, 1, seed: 1);
        double first = Seconds(() => source.BatchAt(0).Dispose());
        double plain = Median([.. Enumerable.Range(1, 9).Select(step => Seconds(() => source.BatchAt(step).Dispose()))]);
        double peak = ProcessMemory.PeakMebibytes() - before;
        var varied = new PatchBatchSource(cases, new PatchOptions(), new RandomFlipOptions { Axes = [0, 1, 2] }, 1, seed: 1, AugmentationPreset.Standard);
        double[] augmented = [.. Enumerable.Range(1, 25).Select(step => Seconds(() => varied.BatchAt(step).Dispose()))];
        Console.WriteLine(FormattableString.Invariant(
            $"patches of 128^3: opened in {opening * 1e3:F0} ms, first {first * 1e3:F0} ms (all labels are visited once), next {plain * 1e3:F0} ms, with standard augmentation {Median(augmented) * 1e3:F0} ms, at most {augmented.Max() * 1e3:F0} ms; peak memory {peak:F0} MiB"));
        double whole = Seconds(() => cases[0].Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Console.WriteLine(FormattableString.Invariant($"whole case from the cache in {whole:F2} s; patch_share_of_whole={plain / whole:F4}"));

        var experiment = new Experiment
        {
            Name = "ct",
            Data = new DataOptions { Root = folder, Augmentation = AugmentationPreset.Standard, Flips = new() { Axes = [0, 1, 2] } },
            Model = new UnetrOptions
            {
                Backbone = new EncoderOptions { ImageSize = 128, EmbeddingWidth = 192, BlockCount = 4, HeadCount = 4, OutputChannels = 96, WindowSize = 0, GlobalBlocks = [] },
                ClassCount = 3, FeatureSize = 16,
            },
            Training = new TrainingOptions { BatchSize = 1 },
        }.Completed();
        Measure("CT, 128^3 from the cache, standard augmentation, small UNETR", experiment, cases, steps);
    }

    /// <summary>The same steps with 0, 1 and 2 workers, one after the other.</summary>
    private static void Measure(string name, Experiment experiment, CaseStore cases, int steps)
    {
        Console.WriteLine($"{name}: {steps} steps, {get_num_threads()} torch threads, {Environment.ProcessorCount} processors");
        foreach (int workers in (int[])[0, 1, 2])
        {
            using var model = ExperimentModel.Create(experiment, out _);
            var source = new PatchBatchSource(
                cases, experiment.Data.Patches, experiment.Data.Flips, experiment.Training.BatchSize, experiment.Seed, experiment.Data.Augmentation);
            using var batches = new PrefetchedBatches(source, workers, experiment.Data.Prefetch, steps + 2);
            // Two steps only warm up: in the first, nothing can be ready.
            using var trainer = new Trainer(model, experiment.Training with { Steps = steps + 2, WarmupSteps = 1, ValidateEvery = 0 });
            var clock = new Clock(batches);
            trainer.Run(batches, clock);
            var (seconds, waiting) = clock.Since(step: 2);
            Console.WriteLine(FormattableString.Invariant(
                $"  {workers} workers: step {seconds / steps * 1e3,7:F0} ms, data wait {waiting / steps * 1e3,6:F1} ms a step; data_wait_share_{workers}={waiting / seconds:F4}"));
        }
    }

    /// <summary>Air, a body, two organs in it, and noise.</summary>
    private static DatasetCase WriteCt(string folder, Size3 size)
    {
        string imagePath = Path.Combine(folder, "ct_0000.nii"), labelPath = Path.Combine(folder, "ct.nii");
        var geometry = Geometry.Create(size, new Double3(0.8, 0.8, 1));
        using var image = new Volume(empty([1, size.X, size.Y, size.Z]), geometry);
        using var labels = new LabelVolume(zeros(size.ToArray(), ScalarType.Int32), geometry);
        var voxels = image.Voxels();
        var classes = labels.Voxels();
        uint noise = 1;
        for (int x = 0, voxel = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
            {
                double across = Math.Pow((x - size.X / 2.0) / size.X, 2) + Math.Pow((y - size.Y / 2.0) / size.Y, 2);
                for (var z = 0; z < size.Z; z++, voxel++)
                {
                    noise = noise * 1664525 + 1013904223;
                    bool isBody = across < 0.2;
                    int organ = !isBody ? 0 : across < 0.01 ? 2 : across < 0.05 && z > size.Z / 3 && z < size.Z / 2 ? 1 : 0;
                    voxels[voxel] = isBody ? 40 + 60 * organ + (noise >> 27) : -1024;
                    classes[voxel] = organ;
                }
            }

        image.Save(imagePath);
        labels.Save(labelPath);
        foreach (string path in (string[])[imagePath, labelPath])
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
        return new DatasetCase("ct", [imagePath], labelPath, DatasetPart.Training);
    }

    private static double Seconds(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>When each step ended, and how long it had been waited by then.</summary>
    private sealed class Clock(PrefetchedBatches batches) : IProgress<TrainingProgress<SegmentationScores>>
    {
        private readonly List<(long Ticks, TimeSpan Waited)> _ends = [];

        public void Report(TrainingProgress<SegmentationScores> value) => _ends.Add((Stopwatch.GetTimestamp(), batches.WaitTime));

        public (double Seconds, double Waiting) Since(int step) =>
            (Stopwatch.GetElapsedTime(_ends[step - 1].Ticks, _ends[^1].Ticks).TotalSeconds, (_ends[^1].Waited - _ends[step - 1].Waited).TotalSeconds);
    }
}
