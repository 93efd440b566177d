using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>
/// The folder of one run: experiment.yaml, run.json, data.json, metrics.csv, tensorboard, load-report.json, parameters.json, checkpoints/best.safetensors and
/// last.safetensors.
/// </summary>
public sealed class RunFolder
{
    /// <summary>How records are written in the folder.</summary>
    internal static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private RunLock? _lock;

    private RunFolder(string path, RunOptions options, RunManifest manifest)
    {
        Path = path;
        Options = options;
        Manifest = manifest;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What is run, with every default filled in.</summary>
    public RunOptions Options { get; }

    /// <summary>Whether the run is trained even where the estimate of its memory is more than there is.</summary>
    public bool IgnoresMemory { get; set; }

    /// <summary>The experiment of a network that segments the classes of a data set.</summary>
    /// <exception cref="InvalidDataException">This is the run of another kind of model.</exception>
    public Experiment Experiment => Options as Experiment
        ?? throw new InvalidDataException($"{Path}: the run of a promptable model; 'segment' uses it, 'predict' does not.");

    /// <summary>The experiment of a promptable model.</summary>
    /// <exception cref="InvalidDataException">This is the run of another kind of model.</exception>
    public PromptableExperiment Promptable => Options as PromptableExperiment
        ?? throw new InvalidDataException($"{Path}: the run of a network that segments classes; 'predict' uses it, 'segment' does not.");

    /// <summary>How the run came about.</summary>
    public RunManifest Manifest { get; private set; }

    /// <summary>The experiment with every default filled in.</summary>
    public string ExperimentPath => In("experiment.yaml");

    /// <summary>How the run came about.</summary>
    public string ManifestPath => In("run.json");

    /// <summary>Loss, rate and scores by step.</summary>
    public string MetricsPath => In("metrics.csv");

    /// <summary>The files that the run learns from and is validated on, each with its hash (<see cref="DataFile"/>).</summary>
    public string DataPath => In("data.json");

    /// <summary>The curves as TensorBoard reads them.</summary>
    public string TensorBoardPath => In("tensorboard");

    /// <summary>What was loaded from a checkpoint.</summary>
    public string LoadReportPath => In("load-report.json");

    /// <summary>What of the model learns, by part.</summary>
    public string ParametersPath => In("parameters.json");

    /// <summary>Hashes of split, patches, first decoder and start weights (<see cref="RunHashes"/>), by which runs are known to differ in one thing alone.</summary>
    public string HashesPath => In("hashes.json");

    /// <summary>The weights with the best validation score.</summary>
    public string BestPath => In("checkpoints", "best.safetensors");

    /// <summary>What learned of the best weights alone, where the rest is as the start's file has it: an <see cref="AdapterCheckpoint"/>.</summary>
    public string AdapterPath => In("checkpoints", "adapter.safetensors");

    /// <summary>The weights after the last step.</summary>
    public string LastPath => In("checkpoints", "last.safetensors");

    /// <summary>Weights and optimizer after the last step that was saved, to go on from.</summary>
    public string StatePath => In("checkpoints", "state.safetensors");

    /// <summary>Weights that are kept beside the best, where <see cref="RunOptions.KeepBest"/> asks for more than one.</summary>
    /// <param name="step">Steps done.</param>
    public string StepPath(long step) => In("checkpoints", string.Create(CultureInfo.InvariantCulture, $"step-{step:000000}.safetensors"));

    /// <summary>Makes the folder of a new run, with its experiment.yaml and run.json.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="started">When the run begins; names the folder.</param>
    /// <param name="path">The folder; null for one named by experiment and time in <see cref="RunOptions.Output"/>.</param>
    /// <exception cref="InvalidOperationException">The folder holds another run, or things that are no run, or cannot be made.</exception>
    public static RunFolder Create(RunOptions experiment, Device device, DateTimeOffset started, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(device);
        string folder = path ?? RunPlace.Unused(System.IO.Path.Combine(
            experiment.Output, string.Create(CultureInfo.InvariantCulture, $"{experiment.Name}-{started:yyyyMMdd-HHmmss}")));
        RunPlace.RequireFree(folder);
        RunPlace.Make(System.IO.Path.Combine(folder, "checkpoints"));
        // Of two that begin here at once, the second finds the manifest of the first.
        using var claim = RunLock.Take(LockPath(folder), folder);
        RunPlace.RequireNoRun(folder);
        byte[] yaml = Encoding.UTF8.GetBytes(ToYaml(experiment));
        var run = new RunFolder(folder, experiment, new RunManifest
        {
            Name = experiment.Name,
            Started = started,
            Seed = experiment.Seed,
            Device = device.type == DeviceType.CPU ? "cpu" : device.ToString(),
            Threads = get_num_threads(),
            ExperimentSha256 = Hash(yaml),
            Library = Version(typeof(RunFolder).Assembly),
            DotNet = Environment.Version.ToString(),
            LibTorch = __version__,
            System = RuntimeInformation.OSDescription,
            GitCommit = GitState.Commit(Environment.CurrentDirectory),
        });
        run.WriteManifest();
        AtomicFile.Write(run.ExperimentPath, stream => stream.Write(yaml));
        return run;
    }

    /// <summary>Opens the folder of a run, finished or not.</summary>
    /// <exception cref="InvalidDataException">The folder holds no run.</exception>
    /// <exception cref="ExperimentFileException">Its experiment.yaml was changed into something that does not fit.</exception>
    public static RunFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string manifest = System.IO.Path.Combine(path, "run.json"), experiment = System.IO.Path.Combine(path, "experiment.yaml");
        if (!File.Exists(manifest) || !File.Exists(experiment))
            throw new InvalidDataException($"{path}: no run here; expected a folder with run.json and experiment.yaml, as 'train' makes it.");
        return new RunFolder(path, ExperimentFile.ReadAny(experiment), RunManifest.Read(manifest));
    }

    /// <summary>Whether experiment.yaml is still what the run began with.</summary>
    public bool IsUnchanged => Hash(File.ReadAllBytes(ExperimentPath)) == Manifest.ExperimentSha256;

    /// <summary>Notes that the run came to its end; its folder cannot be used for another run from now on.</summary>
    public void Finish(DateTimeOffset finished)
    {
        Manifest = Manifest with { IsFinished = true, Finished = finished };
        WriteManifest();
    }

    /// <summary>Notes what the run takes of memory, and what there is.</summary>
    internal void Note(MemoryNeed need, long? available)
    {
        Manifest = Manifest with { Memory = need, AvailableMemory = available };
        WriteManifest();
    }

    /// <summary>The experiment as its file has it.</summary>
    internal static string ToYaml(RunOptions options) =>
        options is PromptableExperiment promptable ? PromptableExperimentFile.ToYaml(promptable) : ExperimentFile.ToYaml((Experiment)options);

    /// <summary>Writes a record of this run as JSON.</summary>
    internal static void Write<T>(string path, T record) => AtomicFile.WriteJson(path, record, Json);

    /// <summary>Keeps other processes from training here until the result is disposed, and clears away what a crash left half-written.</summary>
    /// <exception cref="InvalidOperationException">Another process is at it.</exception>
    internal IDisposable Hold()
    {
        _lock = RunLock.Take(LockPath(Path), Path);
        foreach (string folder in new[] { Path, In("checkpoints") })
            foreach (string torn in Directory.Exists(folder) ? Directory.GetFiles(folder, $"*{AtomicFile.TemporaryEnding}") : [])
                File.Delete(torn);
        return _lock;
    }

    /// <summary>Whether there is a step, weights or a state.</summary>
    internal bool HasLearnt => File.Exists(StatePath) || File.Exists(BestPath) || File.Exists(LastPath)
        || (File.Exists(MetricsPath) && File.ReadLines(MetricsPath).Skip(1).Any());

    /// <summary>Takes back the folder of a run that came to nothing before its first step; whatever else is in it stays.</summary>
    internal void Discard()
    {
        foreach (string file in new[] { ExperimentPath, ManifestPath, LoadReportPath, ParametersPath, HashesPath, DataPath, MetricsPath })
            File.Delete(file);
        if (Directory.Exists(TensorBoardPath))
            Directory.Delete(TensorBoardPath, recursive: true);
        _lock?.Dispose();
        foreach (string folder in new[] { In("checkpoints"), Path })
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
    }

    private static string LockPath(string folder) => System.IO.Path.Combine(folder, "run.lock");

    private void WriteManifest() => Write(ManifestPath, Manifest);

    private static string Hash(byte[] text) =>
        string.Concat(SHA256.HashData(text).Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));

    private string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version!.ToString();
}
