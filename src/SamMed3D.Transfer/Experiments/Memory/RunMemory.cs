namespace SamMed3D.Transfer;

/// <summary>Holds what a run will take of memory against what there is, before its first step, and says which settings would make it fit.</summary>
internal sealed class RunMemory
{
    /// <summary>Voxels of large volumes that are there at once while a case is opened: as read, and resampled, reordered and normalised.</summary>
    private const int CopiesAsRead = 2, CopiesPrepared = 3;

    /// <summary>Of a voxel of a case that is scored: its label, and true and found labels as counted in pairs.</summary>
    private const int BytesOfScoring = sizeof(int) + 4 * sizeof(long);

    /// <summary>What a store of cases in memory holds at most.</summary>
    private const long MostHeld = 4L << 30, MostHeldOfCache = 1L << 30;

    private readonly RunOptions _options;
    private readonly long _parameters, _learning;
    private readonly bool _encoderLearns;
    private readonly DataNeed _data;
    private readonly int _channels;

    private RunMemory(RunOptions options, nn.Module model, int channels, DataNeed data)
    {
        _options = options;
        _channels = channels;
        _data = data;
        var groups = new ParameterGroups(model, MemorySettings.TrainingOf(options));
        _parameters = groups.All.Sum(one => one.Parameter.numel());
        _learning = groups.Trained.Sum(one => one.numel());
        _encoderLearns = groups.All.Any(one => one is { LearnsFrom: not null, Place.Part: not (ModelPart.Head or ModelPart.Prompts) });
    }

    /// <summary>Tells and notes what the run will take.</summary>
    /// <param name="run">The run.</param>
    /// <param name="model">Its model, with its adapters.</param>
    /// <param name="manifest">The data set.</param>
    /// <param name="training">The cases to train on.</param>
    /// <param name="validation">The cases to validate on.</param>
    /// <param name="progress">Told in a line.</param>
    /// <exception cref="InsufficientMemoryException">It does not fit; the message says which settings would.</exception>
    public static void Require(
        RunFolder run, nn.Module model, DatasetManifest manifest, IReadOnlyList<DatasetCase> training, IReadOnlyList<DatasetCase> validation,
        IProgress<RunProgress>? progress)
    {
        var (spacing, cache) = run.Options is Experiment segmentation
            ? (segmentation.Data.Preprocessing.Spacing, segmentation.Data.Cache) : (run.Promptable.Data.Spacing, run.Promptable.Data.Cache);
        int channels = manifest.ChannelNames.Count;
        var memory = new RunMemory(run.Options, model, channels, DataOf(training, validation, spacing, channels, cache is not null));
        var device = run.Options.Device.Resolve();
        var need = memory.For(MemorySettings.Of(run.Options));
        long? available = AvailableMemory.Of(device);
        run.Note(need, available);
        progress?.Report(new RunProgress("planning", 1, 1, "memory estimates",
            $"memory: about {need}{(available is { } there ? $"; {MemoryText.Of(there)} available" : "")}", IsNoteworthy: true));
        bool isCard = device.type == DeviceType.CUDA;
        long Wanted(MemoryNeed of) => isCard ? of.OnDevice : of.Total;
        if (run.IgnoresMemory || available is not { } most || Wanted(need) <= most)
            return;
        throw new InsufficientMemoryException(
            $"This run needs about {MemoryText.Of(Wanted(need))} of memory, and {MemoryText.Of(most)} are available on {(isCard ? device.ToString() : "this machine")}; "
            + $"{memory.WaysOut(most, Wanted)}, or give --ignore-memory to train all the same.");
    }

    /// <summary>The estimate for settings that may be others than the run's.</summary>
    internal MemoryNeed For(MemorySettings settings)
    {
        var step = new StepSettings(settings.BatchSize, settings.IsCheckpointed, settings.IsNarrow, _encoderLearns);
        long voxels = settings.ImageSize.Count, classes = 1, window, activations;
        int workers, prefetch;
        bool isAveraged;
        if (_options is Experiment experiment)
        {
            ModelOptions model = experiment.Model switch
            {
                UnetrOptions unetr => unetr with { Backbone = unetr.Backbone with { ImageSize = settings.ImageSize } },
                ResidualUnetOptions network => network with { ImageSize = settings.ImageSize },
                var other => other,
            };
            activations = (long)ActivationEstimate.OfTraining(model, step);
            window = (long)ActivationEstimate.OfInference(model, experiment.Inference.BatchSize);
            classes = model.ClassCount;
            (workers, prefetch, isAveraged) = (experiment.Data.Workers, experiment.Data.Prefetch, experiment.Training.AverageDecay > 0);
        }
        else
        {
            var promptable = (PromptableExperiment)_options;
            var model = promptable with { Encoder = promptable.Encoder with { ImageSize = settings.ImageSize } };
            activations = (long)ActivationEstimate.OfTraining(model.Model, promptable.Training.RoundCount, step);
            window = activations / promptable.Training.RoundCount / settings.BatchSize;
            (workers, prefetch, isAveraged) = (promptable.Data.Workers, promptable.Data.Prefetch, promptable.Training.AverageDecay > 0);
        }

        long batch = settings.BatchSize * voxels * (sizeof(float) * _channels + sizeof(long));
        return new MemoryNeed
        {
            Parameters = _parameters * sizeof(float) + (settings.IsNarrow ? _parameters * sizeof(float) / 2 : 0),
            Gradients = _learning * sizeof(float),
            Optimizer = 2 * _learning * sizeof(float),
            Average = isAveraged ? _learning * sizeof(float) : 0,
            Activations = activations,
            Batches = (workers > 0 ? Math.Max(workers, prefetch) + 1 : 1) * batch,
            Cases = _data.Held,
            Opening = _data.Opening,
            // Sums of windows one window deep, and the labels; a promptable model sees one region at a time.
            Validation = window + (_options is Experiment ? Sums(settings.ImageSize, classes) + _data.LargestVoxels * BytesOfScoring : 0),
        };
    }

    private long Sums(Size3 window, long classes) =>
        sizeof(float) * (classes + 1) * window.X * Math.Max(_data.LargestSection, (long)window.Y * window.Z);

    /// <summary>Single settings that make the run fit, or what comes nearest.</summary>
    private string WaysOut(long available, Func<MemoryNeed, long> wanted)
    {
        var now = MemorySettings.Of(_options);
        bool Fits(MemorySettings settings) => wanted(For(settings)) <= available;
        string Tell(MemorySettings settings) => $"{settings.Changes(now, _options)} ({MemoryText.Of(wanted(For(settings)))})";
        var single = new List<MemorySettings?>
        {
            Enumerable.Range(1, now.BatchSize - 1).Select(less => now with { BatchSize = now.BatchSize - less }).FirstOrDefault(Fits),
            now with { IsCheckpointed = now.IsCheckpointed || MemorySettings.CanCheckpoint(_options) },
            now with { IsNarrow = true },
            now.Smaller(_options).FirstOrDefault(Fits),
        };
        string[] ways = [.. single.OfType<MemorySettings>().Where(settings => settings != now && Fits(settings)).Select(Tell)];
        if (ways.Length > 0)
            return $"it would fit with {string.Join(", or with ", ways)}";
        var less = now with { BatchSize = 1, IsCheckpointed = now.IsCheckpointed || MemorySettings.CanCheckpoint(_options) };
        var least = less with { IsNarrow = true };
        var together = new[] { less, least }.Concat(least.Smaller(_options)).FirstOrDefault(Fits);
        return together is not null ? $"it would fit with {Tell(together)}"
            : $"no smaller batch or patch makes it fit (the least is {MemoryText.Of(wanted(For(least.Smaller(_options).LastOrDefault() ?? least)))}): take a smaller model, or data.cache";
    }

    /// <summary>Reads headers alone.</summary>
    private static DataNeed DataOf(
        IReadOnlyList<DatasetCase> training, IReadOnlyList<DatasetCase> validation, Double3? spacing, int channels, bool isCached)
    {
        long opening = 0, largest = 0, section = 0;
        long Held(IReadOnlyList<DatasetCase> cases, bool isValidation)
        {
            long held = 0, most = 0;
            foreach (var one in cases)
            {
                var geometry = VolumeSource.Open(one.ImagePaths[0]).Geometry;
                var extents = new double[3];
                for (var axis = 0; axis < 3; axis++)
                {
                    int world = geometry.Orientation.WorldAxis(axis);
                    extents[world] = geometry.Size[axis] * (spacing is { } wanted ? geometry.Spacing[axis] / wanted[world] : 1);
                }

                double prepared = extents[0] * extents[1] * extents[2];
                long bytes = (long)prepared * sizeof(float) * (channels + 1);
                held += bytes;
                most = Math.Max(most, bytes);
                opening = Math.Max(opening, CopiesPrepared * bytes + CopiesAsRead * geometry.Size.Count * sizeof(float) * (channels + 1));
                if (isValidation)
                    (largest, section) = (Math.Max(largest, (long)prepared), Math.Max(section, (long)(extents[1] * extents[2])));
            }

            // With a cache only cases that are asked for whole are held, those of a validation.
            return isCached ? (isValidation ? Math.Max(most, Math.Min(held, MostHeldOfCache)) : 0) : Math.Max(most, Math.Min(held, MostHeld));
        }

        return new DataNeed(Held(training, false) + Held(validation, true), opening, largest, section);
    }

    /// <summary>What the cases take.</summary>
    /// <param name="Held">Bytes that the stores will hold.</param>
    /// <param name="Opening">Bytes while the largest case is opened.</param>
    /// <param name="LargestVoxels">Voxels, as the network sees them, of the largest case to validate on.</param>
    /// <param name="LargestSection">Voxels of the largest section across its first axis.</param>
    private sealed record DataNeed(long Held, long Opening, long LargestVoxels, long LargestSection);
}
