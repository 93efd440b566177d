namespace SamMed3D.Transfer.Tests;

public sealed class PromptableTrainerTests
{
    private static readonly PromptableTrainingOptions Options = new()
    {
        Steps = 6, RoundCount = 5, LearningRate = 3e-3, WeightDecay = 0.01, ValidateEvery = 3, Seed = 4,
    };

    [Fact]
    public void The_rate_goes_down_at_its_milestones()
    {
        var options = new PromptableTrainingOptions { Steps = 200 };
        Assert.Equal([8e-4, 8e-4, 8e-5, 8e-5, 8e-6], new long[] { 0, 119, 120, 179, 180 }.Select(step => Math.Round(LearningRateSchedule.At(options, step), 12)));
    }

    [Fact]
    public void A_run_that_was_stopped_and_restored_equals_one_that_never_stopped()
    {
        using var whole = TinyPromptable.Create();
        using var first = TinyPromptable.Create();
        using var second = TinyPromptable.Create();
        Copy(whole, first);
        using (var trainer = new PromptableTrainer(whole, Options))
            Assert.True(trainer.Run(new Cubes()));

        Dictionary<string, Tensor> moments;
        using (var trainer = new PromptableTrainer(first, Options))
        using (var stop = new CancellationTokenSource())
        {
            Assert.False(trainer.Run(new Cubes(), new Reports<TrainingProgress<ClickScores>>(done => { if (done.Step == 4) stop.Cancel(); }), cancellation: stop.Token));
            moments = AdamWMoments.Collect(trainer.Optimizer, first).ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        }

        Copy(first, second);
        using (var trainer = new PromptableTrainer(second, Options) { CompletedSteps = 4 })
        using (var source = new MemoryWeights(moments))
        {
            AdamWMoments.Restore(trainer.Optimizer, second, source);
            Assert.True(trainer.Run(new Cubes()));
        }

        var expected = whole.state_dict();
        foreach (var (name, value) in second.state_dict())
            Assert.True(value.equal(expected[name]).all().item<bool>(), name);
    }

    [Fact]
    public void A_state_of_another_model_is_refused_and_changes_nothing()
    {
        using var model = TinyPromptable.Create();
        using var trainer = new PromptableTrainer(model, Options);
        using var source = new MemoryWeights([]);
        Assert.Contains("exp_avg", Assert.Throws<InvalidDataException>(
            () => AdamWMoments.Restore(trainer.Optimizer, model, source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Averaged_batches_learn_with_validation_and_leave_no_tensor_behind()
    {
        using var model = TinyPromptable.Create();
        var options = Options with { Steps = 9, AccumulationSteps = 2, ValidateEvery = 4, ClipNorm = 1 };
        using var trainer = new PromptableTrainer(model, options);
        var reports = new List<TrainingProgress<ClickScores>>();
        long before = 0, after = 0;
        trainer.Run(new Cubes(), new Reports<TrainingProgress<ClickScores>>(done =>
        {
            reports.Add(done);
            before = done.Step == 2 ? LiveTensors.Before() : before;
            after = LiveTensors.Now;
        }), _ => new ClickScores([1], [("cube", [0.5])]));
        Assert.Equal(before, after);
        Assert.Equal([4, 8, 9], reports.Where(report => report.Validation is not null).Select(report => (int)report.Step));
        Assert.True(reports[^1].Loss < 0.95 * reports[0].Loss, $"{reports[0].Loss} to {reports[^1].Loss}");
    }

    [Fact]
    public void One_round_in_the_middle_and_the_last_one_have_no_click()
    {
        using var labels = zeros([1, 1, 8, 8, 8], ScalarType.Int64);
        labels[0, 0, 3, 3, 3] = 1;
        using var logits = full([1, 1, 8, 8, 8], -1f);
        var blind = new HashSet<int>();
        for (var seed = 0; seed < 40; seed++)
        {
            var clicks = new SimulatedClicks(ClickStrategy.Random, 11, new Random(seed));
            int[] without = [.. Enumerable.Range(0, 11).Where(round =>
            {
                using var given = clicks.ClicksFor(round, 11, round == 0 ? null : logits, labels);
                if (given is not null)
                    Assert.Equal([3f, 3f, 3f], given.Points.data<float>().ToArray());
                return given is null;
            })];
            Assert.Equal(2, without.Length);
            Assert.Equal(10, without[1]);
            blind.Add(without[0]);
        }

        Assert.Equal([2, 3, 4, 5, 6, 7, 8], blind.Order());
    }

    [Fact]
    public void A_round_gets_the_newest_click_or_all_so_far()
    {
        using var labels = zeros([2, 1, 8, 8, 8], ScalarType.Int64);
        labels.narrow(2, 2, 3).fill_(1);
        using var logits = full([2, 1, 8, 8, 8], -1f);
        Assert.Equal([1, 1, 1], Counts(givesAll: false));
        Assert.Equal([1, 2, 3], Counts(givesAll: true));

        long[] Counts(bool givesAll)
        {
            var clicks = new SimulatedClicks(ClickStrategy.Random, 4, new Random(1), givesAll);
            return [.. Enumerable.Range(0, 3).Select(round =>
            {
                using var given = clicks.ClicksFor(round, 4, round == 0 ? null : logits, labels)!;
                Assert.Equal([2, given.Labels.shape[1], 3], given.Points.shape);
                return given.Labels.shape[1];
            })];
        }
    }

    [Fact]
    public void Scores_come_for_every_click()
    {
        using var model = TinyPromptable.Create();
        model.eval();
        using var batch = new Cubes().BatchAt(0);
        using var truth = batch.Labels[0, 0] > 0;
        long before = LiveTensors.Before();
        var scores = ClickedRegion.Score(model, batch.Images, truth, new SimulatedUser(ClickStrategy.Ritm, new Random(1)), 3);
        Assert.Equal(before, LiveTensors.Now);
        Assert.Equal(3, scores.Count);
        Assert.All(scores, score => Assert.Equal(16 * 16 * 16, score.TruthVoxels));
    }

    private static void Copy(PromptableModel from, PromptableModel to)
    {
        using var noGradient = no_grad();
        var source = from.state_dict();
        foreach (var (name, target) in to.state_dict())
            target.copy_(source[name]);
    }

    /// <summary>A bright cube whose place depends on the step.</summary>
    private sealed class Cubes : IBatchSource
    {
        public TrainingBatch BatchAt(long stepIndex)
        {
            int begin = 4 + (int)(stepIndex % 3) * 4;
            var labels = zeros([1, 1, 32, 32, 32], ScalarType.Int64);
            using (var cube = labels[0, 0, begin..(begin + 16), begin..(begin + 16), begin..(begin + 16)])
                cube.fill_(1);
            return new TrainingBatch(labels.to(ScalarType.Float32), labels, ["cube"]);
        }
    }
}
