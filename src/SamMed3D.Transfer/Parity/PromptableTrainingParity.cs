using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// One training step of the tiny model (golden case `sam3d_tiny/train_step`): logits and loss of each round, every gradient, and two
/// steps of the optimizer with the stored gradients. Gradients are computed in float64 whatever the precision asked for.
/// </summary>
public sealed class PromptableTrainingParity : ParityCheck
{
    private const string Values = "io.safetensors", Gradients = "grads.safetensors", Before = "weights_before.safetensors", Second = "step2.safetensors";

    /// <summary>The case says of the weights after the first step: to about 1e-6.</summary>
    private const double FirstStepTolerance = 2e-6;

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("case", out var name) && name.GetString() == "sam3d_tiny/train_step";

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        var config = description.GetProperty("config");
        using var model = new PromptableModel(PromptableModelOptionsJson.Read(config.GetProperty("model")));
        var before = SafetensorsFile.ReadAll(Path.Combine(folder, Before));
        try
        {
            ParityTensors.LoadExactly(model, before);
            model.to(options.Device, options.Precision);
            int rounds = config.GetProperty("rounds").GetInt32();
            List<ParityQuantity> quantities = [.. Rounds(model, folder, description, rounds, options.Device, options.Precision)];
            model.to(ScalarType.Float64);
            quantities.AddRange(GradientsOf(model, folder, description, rounds, options.Device));
            model.to(ScalarType.Float32);
            // The way there and back may have rounded.
            ParityTensors.LoadExactly(model, before);
            quantities.AddRange(OptimizerSteps(model, folder, description, config.GetProperty("optimizer")));
            return quantities;
        }
        finally
        {
            foreach (var values in before.Values)
                values.Dispose();
        }
    }

    private static IEnumerable<ParityQuantity> Rounds(
        PromptableModel model, string folder, JsonElement description, int roundCount, Device device, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Values));
        ParityQuantity Compare(string name, Tensor mine) =>
            ParityTensors.Compare(name, mine, stored[name], ParityTensors.Describe(description, Values, name));

        var step = new PromptableTrainingStep(model, new PromptableStepOptions { RoundCount = roundCount });
        var rounds = step.Rounds(stored["image"].to(type, device), stored["gt"].to(device), new StoredClicks(stored, device)).ToList();
        return
        [
            .. rounds.SelectMany((round, index) => new[] { Compare($"low_res_round{index}", round.Masks), Compare($"loss_round{index}", round.Loss) }),
            Compare("loss_total", stack(rounds.Select(round => round.Loss)).sum()),
        ];
    }

    private static List<ParityQuantity> GradientsOf(
        PromptableModel model, string folder, JsonElement description, int roundCount, Device device)
    {
        using var scope = NewDisposeScope();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, Values));
        var expected = SafetensorsFile.ReadAll(Path.Combine(folder, Gradients));
        model.zero_grad();
        new PromptableTrainingStep(model, new PromptableStepOptions { RoundCount = roundCount })
            .Backward(stored["image"].to(ScalarType.Float64, device), stored["gt"].to(device), new StoredClicks(stored, device));
        HashSet<string> without = [.. description.GetProperty("params_without_gradient").EnumerateArray().Select(name => name.GetString()!)];
        List<ParityQuantity> quantities = [.. model.named_parameters().Select(entry => without.Contains(entry.name)
            ? new ParityQuantity($"grad.{entry.name}", entry.parameter.grad is null ? 0 : double.PositiveInfinity, 0, "must have no gradient")
            : ParityTensors.Compare($"grad.{entry.name}", entry.parameter.grad!, expected[$"grad.{entry.name}"],
                ParityTensors.Describe(description, Gradients, $"grad.{entry.name}")))];
        model.zero_grad();
        return quantities;
    }

    private static List<ParityQuantity> OptimizerSteps(PromptableModel model, string folder, JsonElement description, JsonElement optimizerConfig)
    {
        using var scope = NewDisposeScope();
        var gradients = SafetensorsFile.ReadAll(Path.Combine(folder, Gradients));
        var second = SafetensorsFile.ReadAll(Path.Combine(folder, Second));
        string afterPath = Path.Combine(folder, "..", "weights.safetensors");
        var published = new PromptableTrainingOptions
        {
            LearningRate = optimizerConfig.GetProperty("lr").GetDouble(), WeightDecay = optimizerConfig.GetProperty("weight_decay").GetDouble(),
        };
        var groups = new ParameterGroups(model, published);
        using var optimizer = groups.CreateAdamW(published);

        var quantities = new List<ParityQuantity>();
        Step(1);
        if (File.Exists(afterPath))
        {
            var after = SafetensorsFile.ReadAll(afterPath);
            quantities.AddRange(model.state_dict().Select(entry => new ParityQuantity(
                $"step1/{entry.Key}", ParityTensors.LargestDifference(entry.Value, after[entry.Key]), FirstStepTolerance)));
        }

        groups.SetRate(optimizer, description.GetProperty("learning_rates_after_scheduler_step")[0].GetDouble());
        Step(0.5);
        var state = model.state_dict();
        quantities.AddRange(second.Select(entry => ParityTensors.Compare(
            $"step2/{entry.Key}", state[entry.Key], entry.Value, ParityTensors.Describe(description, Second, entry.Key))));
        return quantities;

        void Step(double share)
        {
            foreach (var (name, parameter) in model.named_parameters())
                if (gradients.TryGetValue($"grad.{name}", out var gradient))
                    parameter.grad = (gradient * share).to(parameter.device);
            optimizer.step();
            model.zero_grad();
        }
    }

    /// <summary>The clicks of the case; rounds beyond them have none.</summary>
    private sealed class StoredClicks(IReadOnlyDictionary<string, Tensor> stored, Device device) : IClickSource
    {
        public ClickBatch? ClicksFor(int round, int roundCount, Tensor? logits, Tensor labels) => round >= stored["points"].shape[0]
            ? null
            : new ClickBatch(stored["points"][round].to(device), stored["labels"][round].to(device));
    }
}
