using System.Reflection;

namespace SamMed3D.Transfer;

/// <summary>
/// Where weights come from and what they expect, kept in the checkpoint itself: as YAML under <see cref="Key"/>, in the header of a
/// safetensors file or beside the state dict of a .pth. Read back strictly: unknown keys, missing ones and wrong types are errors.
/// </summary>
public sealed record CheckpointManifest
{
    /// <summary>The key in <see cref="Checkpoint.Metadata"/>.</summary>
    public const string Key = "sammed3d_manifest";

    private const int Newest = 1;
    private const string RightAnteriorSuperior = "RAS+";

    private static readonly ConfigSchema Schema = new ConfigSchema()
        .AddModels()
        .AddAdapters();

    /// <summary>Version of this record.</summary>
    public int Format { get; init; } = Newest;

    /// <summary>The library that wrote the weights, with its version.</summary>
    public string Library { get; init; } = ThisLibrary;

    /// <summary>The network; null where it is not known, as after converting a foreign file.</summary>
    public ModelOptions? Model { get; init; }

    /// <summary>The network, where it is a promptable one; null otherwise.</summary>
    public PromptableModelOptions? Promptable { get; init; }

    /// <summary>Axis order and direction of the volumes that the network expects: always RAS+ here.</summary>
    public string Orientation { get; init; } = RightAnteriorSuperior;

    /// <summary>Spacing and normalisation of the volumes that the network expects; null where they are not known.</summary>
    public PreprocessingOptions? Preprocessing { get; init; }

    /// <summary>What the weights are known to be trained on, the earliest first. What a foreign source file saw, nobody can tell.</summary>
    public IReadOnlyList<SeenData> Data { get; init; } = [];

    /// <summary>The file they came from before that; null for weights trained from scratch.</summary>
    public SourceFile? Source { get; init; }

    /// <summary>The file that holds the rest of the weights, where this one is an <see cref="AdapterCheckpoint"/>; null where it is whole.</summary>
    public SourceFile? Base { get; init; }

    /// <summary>This library's name and version.</summary>
    internal static string ThisLibrary { get; } = "SamMed3D.Transfer "
        + (typeof(CheckpointManifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?");

    /// <summary>The manifest as YAML, which <see cref="Parse"/> reads to an equal one.</summary>
    public string ToYaml() => new ConfigWriter(Schema).Write(this);

    /// <summary>Reads a manifest.</summary>
    /// <param name="yaml">As <see cref="ToYaml"/> writes it.</param>
    /// <param name="origin">The checkpoint's path, for messages.</param>
    /// <exception cref="InvalidDataException">It is not a manifest; the message has the path and every reason.</exception>
    public static CheckpointManifest Parse(string yaml, string origin)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        try
        {
            return ConfigFile.Read<CheckpointManifest>(yaml, "manifest", [], Schema);
        }
        catch (ExperimentFileException problem)
        {
            throw BrokenFile.Because(origin, $"bad manifest: {problem.Message.ReplaceLineEndings("; ")}", problem);
        }
    }

    /// <summary>This manifest, when its parts make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public CheckpointManifest Validated()
    {
        if (Format != Newest)
            throw new ArgumentException($"Format is {Format}; this version of the library knows {Newest}.", nameof(Format));
        if (Orientation != RightAnteriorSuperior)
            throw new ArgumentException($"Orientation is '{Orientation}'; expected {RightAnteriorSuperior}.", nameof(Orientation));
        return this;
    }

    /// <summary>Other texts for a checkpoint, with this manifest among them.</summary>
    /// <param name="others">Such as <see cref="Checkpoint.Metadata"/> of the file that is converted; null for none.</param>
    public IReadOnlyDictionary<string, string> ToMetadata(IReadOnlyDictionary<string, string>? others = null) =>
        new Dictionary<string, string>(others ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [Key] = ToYaml() };
}
