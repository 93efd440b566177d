namespace SamMed3D.Transfer;

/// <summary>A promptable model from its checkpoint alone: ours say how they are built, released ones tell it by their shapes.</summary>
/// <param name="Model">In evaluation mode, on its device.</param>
/// <param name="Spacing">mm between the voxels that it was trained on.</param>
/// <param name="IsSpacingKnown">Whether the file says so; else it is SAM-Med3D's.</param>
/// <param name="Report">What became of every tensor.</param>
public sealed record PromptableWeights(PromptableModel Model, Double3 Spacing, bool IsSpacingKnown, LoadReport Report) : IDisposable
{
    private const string Encoder = "image_encoder.", Prompts = "prompt_encoder.", Decoder = "mask_decoder.";

    /// <summary>What SAM-Med3D was trained on.</summary>
    private static readonly Double3 PublishedSpacing = 1.5;

    /// <summary>Opens a checkpoint; every tensor of the model must be in it.</summary>
    /// <param name="path">A .pth or .safetensors file.</param>
    /// <param name="device">Where the model computes.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or no promptable model; the message has the path and the reason.</exception>
    /// <exception cref="WeightsRefusedException">The weights do not fit the model that they describe.</exception>
    public static PromptableWeights Open(string path, Device device)
    {
        using var checkpoint = Checkpoint.Open(path);
        var model = new PromptableModel(OptionsOf(checkpoint));
        try
        {
            var report = WeightLoader.Load(model, checkpoint);
            model.to(device);
            model.eval();
            var spacing = checkpoint.Manifest?.Preprocessing?.Spacing;
            return new PromptableWeights(model, spacing ?? PublishedSpacing, spacing is not null, report);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static PromptableModelOptions OptionsOf(Checkpoint checkpoint)
    {
        if (checkpoint.Manifest?.Promptable is { } known)
            return known;
        var family = WeightFamily.Recognise(checkpoint.Tensors);
        if (family.Family != ModelFamily.SamMed3D || family.Architecture is not { } architecture)
            throw new InvalidDataException(
                $"{checkpoint.Origin}: expected a promptable model (SAM-Med3D with its prompt encoder and mask decoder), got {family.Name}: {family.Reason}.");
        var unwrap = new KeyMap { Stripped = KnownFamilies.Wrappers };
        var shapes = new Dictionary<string, IReadOnlyList<long>>(StringComparer.Ordinal);
        foreach (var info in checkpoint.Tensors)
            shapes.TryAdd(unwrap.Unwrapped(info.Name), info.Shape);
        int Size(string name, int axis) => shapes.TryGetValue(name, out var shape) && axis < shape.Count
            ? (int)shape[axis]
            : throw new InvalidDataException($"{checkpoint.Origin}: expected a tensor {name}, which tells a size of the model, but there is none.");
        int Blocks(string prefix) => Enumerable.Range(0, int.MaxValue).First(index => !shapes.Keys.Any(key => key.StartsWith($"{prefix}{index}.", StringComparison.Ordinal)));
        T Told<T>(T? value, string what)
            where T : struct => value ?? throw new InvalidDataException($"{checkpoint.Origin}: its shapes do not tell the encoder's {what}.");

        int patch = Told(architecture.PatchSize, "patch size"), width = Size(Encoder + "neck.0.weight", 0);
        if (architecture.Grid is not [var x, var y, var z])
            throw new InvalidDataException($"{checkpoint.Origin}: its shapes do not tell the encoder's image size.");
        int embeddingWidth = Told(architecture.EmbeddingWidth, "width");
        try
        {
            return new PromptableModelOptions
            {
                Encoder = new EncoderOptions
                {
                    ImageSize = new Size3((int)x * patch, (int)y * patch, (int)z * patch),
                    PatchSize = patch,
                    InputChannels = Told(architecture.InputChannels, "input channels"),
                    EmbeddingWidth = embeddingWidth,
                    BlockCount = Told(architecture.BlockCount, "number of blocks"),
                    HeadCount = Told(architecture.HeadCount, "number of heads"),
                    MlpRatio = Size(Encoder + "blocks.0.mlp.lin1.weight", 0) / (double)embeddingWidth,
                    OutputChannels = width,
                    WindowSize = architecture.WindowSize ?? 0,
                    GlobalBlocks = architecture.GlobalBlocks ?? [],
                },
                Prompts = new PromptEncoderOptions
                {
                    ImageSize = new Size3((int)x * patch, (int)y * patch, (int)z * patch),
                    PatchSize = patch,
                    Width = width,
                    MaskChannels = Size(Prompts + "mask_downscaling.3.weight", 0),
                    HasBoxEmbeddings = shapes.ContainsKey(Prompts + "point_embeddings.3.weight"),
                },
                Decoder = new MaskDecoderOptions
                {
                    Width = width,
                    AlternativeCount = Size(Decoder + "mask_tokens.weight", 0) - 1,
                    BlockCount = Blocks(Decoder + "transformer.layers."),
                    MlpWidth = Size(Decoder + "transformer.layers.0.mlp.lin1.weight", 0),
                    AttentionDownsampling = width / Size(Decoder + "transformer.layers.0.cross_attn_token_to_image.q_proj.weight", 0),
                    IouHeadDepth = Blocks(Decoder + "iou_prediction_head.layers."),
                    IouHeadWidth = Size(Decoder + "iou_prediction_head.layers.0.weight", 0),
                },
            }.Validated();
        }
        catch (ArgumentException reason)
        {
            throw new InvalidDataException($"{checkpoint.Origin}: the sizes that its shapes tell do not fit together: {reason.Message}", reason);
        }
    }
}
