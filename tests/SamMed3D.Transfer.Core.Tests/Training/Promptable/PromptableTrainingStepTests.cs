namespace SamMed3D.Transfer.Tests;

public class PromptableTrainingStepTests
{
    [Fact]
    public void Steps_on_one_cube_lower_the_loss_and_leave_no_tensor_behind()
    {
        using var model = TinyPromptable.Create();
        var options = new PromptableTrainingOptions { LearningRate = 3e-3, WeightDecay = 0 };
        using var optimizer = new ParameterGroups(model, options).CreateAdamW(options);
        using var labels = zeros([1, 1, 32, 32, 32], ScalarType.Int32);
        using (var cube = labels[0, 0, 6..22, 6..22, 6..22])
            cube.fill_(1);
        using var volume = labels.to(ScalarType.Float32);
        var clicks = new MiddleClicks();
        var step = new PromptableTrainingStep(model, new PromptableStepOptions { RoundCount = 2 });

        double first = Train();
        long before = LiveTensors.Before();
        double last = first;
        for (int i = 0; i < 7; i++)
            last = Train();
        Assert.Equal(before, LiveTensors.Now);
        Assert.InRange(last, 0, 0.95 * first);

        double Train()
        {
            model.zero_grad();
            var result = step.Backward(volume, labels, clicks);
            Assert.Equal(2, result.RoundLosses.Count);
            optimizer.step();
            // Gradients are live tensors too.
            model.zero_grad();
            return result.Loss;
        }
    }

    [Fact]
    public void The_click_source_sees_the_logits_of_the_round_before_without_their_graph()
    {
        using var model = TinyPromptable.Create();
        using var volume = randn([2, 1, 32, 32, 32], generator: new Generator(3));
        using var labels = ones([2, 1, 32, 32, 32], ScalarType.Int32);
        var clicks = new MiddleClicks();
        new PromptableTrainingStep(model, new PromptableStepOptions { RoundCount = 3 }).Backward(volume, labels, clicks);
        Assert.Equal([(0, 3, false), (1, 3, true), (2, 3, true)], clicks.Asked);
    }

    [Fact]
    public void Labels_of_another_batch_size_are_refused()
    {
        using var model = TinyPromptable.Create();
        using var volume = zeros([2, 1, 32, 32, 32]);
        using var labels = zeros([1, 1, 32, 32, 32], ScalarType.Int32);
        var problem = Assert.Throws<ArgumentException>(() => new PromptableTrainingStep(model).Backward(volume, labels, new MiddleClicks()));
        Assert.Contains("[2, 1, X, Y, Z]", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_heads_learn_at_a_tenth_of_the_rate_before_and_after_it_changes()
    {
        using var model = TinyPromptable.Create();
        var options = new PromptableTrainingOptions();
        var groups = new ParameterGroups(model, options);
        using var optimizer = groups.CreateAdamW(options);
        Assert.Equal((8e-4, 8e-5, 8e-5), Rates());
        groups.SetRate(optimizer, 8e-5);
        Assert.Equal((8e-5, 8e-6, 8e-6), Rates());

        (double Encoder, double Prompts, double Decoder) Rates() => (RateOf("image_encoder."), RateOf("prompt_encoder."), RateOf("mask_decoder."));
        double RateOf(string prefix) => Assert.Single(model.named_parameters().Where(entry => entry.name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => optimizer.ParamGroups.Cast<TorchSharp.Modules.AdamW.ParamGroup>().Single(group => group.Parameters.Any(one => one.Handle == entry.parameter.Handle)).LearningRate)
            .Select(rate => Math.Round(rate, 12)).Distinct());
    }

    /// <summary>A foreground click at (14, 14, 14) every round but the last.</summary>
    private sealed class MiddleClicks : IClickSource
    {
        public List<(int Round, int Count, bool HasLogits)> Asked { get; } = [];

        public ClickBatch? ClicksFor(int round, int roundCount, Tensor? logits, Tensor labels)
        {
            Asked.Add((round, roundCount, logits is { requires_grad: false } && logits.shape.SequenceEqual(labels.shape)));
            return round == roundCount - 1 ? null : new ClickBatch(full(labels.shape[0], 1, 3, 14), ones(labels.shape[0], 1));
        }
    }
}
