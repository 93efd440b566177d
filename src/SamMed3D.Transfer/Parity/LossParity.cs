using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Golden case <c>losses</c>: values and gradients of the segmentation losses against MONAI 1.3.2.</summary>
public sealed class LossParity : ParityCheck
{
    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("case", out var name) && name.GetString() == "losses";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        var groups = description.GetProperty("config").GetProperty("losses").EnumerateObject()
            .ToDictionary(group => group.Name.StartsWith("binary", StringComparison.Ordinal), group => group.Value);
        return description.GetProperty("files").EnumerateObject().SelectMany(file => RunFile(folder, file, groups, options));
    }

    private static List<ParityQuantity> RunFile(
        string folder, JsonProperty file, Dictionary<bool, JsonElement> lossesByIsBinary, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> tensors;
        try
        {
            tensors = SafetensorsFile.ReadAll(Path.Combine(folder, file.Name));
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            // The other files are still worth comparing.
            return [new ParityQuantity(file.Name, double.PositiveInfinity, 0, error.Message)];
        }

        var quantities = new List<ParityQuantity>();
        foreach (var loss in lossesByIsBinary[tensors["logits"].shape[1] == 1].EnumerateObject())
            foreach (string kind in (string[])["value", "grad"])
            {
                string name = $"{loss.Name}.{kind}";
                quantities.Add(ParityTensors.Compare(
                    $"{Path.GetFileNameWithoutExtension(file.Name)}/{name}",
                    () => Compute(loss.Value, tensors["logits"], tensors["labels"], kind == "grad", options),
                    tensors[name], file.Value.GetProperty("tensors").GetProperty(name)));
            }

        return quantities;
    }

    private static Tensor Compute(JsonElement settings, Tensor logits, Tensor labels, bool wantsGradient, ParityOptions options)
    {
        using var input = logits.to(options.Precision, options.Device).detach().requires_grad_();
        using var truth = labels.to(options.Device);
        using var value = Evaluate(settings, input, truth);
        if (!wantsGradient)
            return value.detach();
        using var total = value.sum();
        total.backward();
        return input.grad!.clone();
    }

    private static Tensor Evaluate(JsonElement settings, Tensor logits, Tensor labels)
    {
        var dice = new DiceLoss
        {
            IncludeBackground = Flag(settings, "include_background", true),
            SquaredDenominator = Flag(settings, "squared_pred", false),
            Jaccard = Flag(settings, "jaccard", false),
            OverBatch = Flag(settings, "batch", false),
            NumeratorSmoothing = Number(settings, "smooth_nr", 1e-5),
            DenominatorSmoothing = Number(settings, "smooth_dr", 1e-5),
            ClassWeights = Weights(settings),
        };
        string kind = settings.GetProperty("class_").GetString()!;
        string reduction = settings.TryGetProperty("reduction", out var stated) ? stated.GetString()! : "mean";
        SegmentationLoss loss = kind switch
        {
            "DiceLoss" => dice,
            "DiceCELoss" => new DiceCrossEntropyLoss
            {
                Dice = dice,
                CrossEntropy = new VoxelCrossEntropyLoss { ClassWeights = Weights(settings) },
                DiceWeight = Number(settings, "lambda_dice", 1),
                CrossEntropyWeight = Number(settings, "lambda_ce", 1),
            },
            "DiceFocalLoss" => new DiceFocalLoss
            {
                Dice = dice,
                Focal = new FocalLoss { Gamma = Number(settings, "gamma", 2), IncludeBackground = dice.IncludeBackground },
                DiceWeight = Number(settings, "lambda_dice", 1),
                FocalWeight = Number(settings, "lambda_focal", 1),
            },
            _ => throw new NotSupportedException($"no loss of this library corresponds to {kind}"),
        };
        if (reduction == "mean")
            return loss.Compute(logits, labels);

        if (loss != dice)
            throw new NotSupportedException($"reduction {reduction} is known for DiceLoss alone");
        using var terms = dice.Terms(logits, labels);
        return reduction == "sum" ? terms.sum() : terms.view(terms.shape[0], terms.shape[1], 1, 1, 1);
    }

    private static bool Flag(JsonElement settings, string name, bool fallback) =>
        settings.TryGetProperty(name, out var value) ? value.GetBoolean() : fallback;

    private static double Number(JsonElement settings, string name, double fallback) =>
        settings.TryGetProperty(name, out var value) ? value.GetDouble() : fallback;

    private static double[]? Weights(JsonElement settings) =>
        settings.TryGetProperty("weight", out var value) ? [.. value.EnumerateArray().Select(weight => weight.GetDouble())] : null;
}
