namespace SamMed3D.Transfer.Tests;

/// <summary>The quickstart's preparation, and a run of each of its starts, as small as it gets.</summary>
public sealed class QuickstartTests : IDisposable
{
    private static readonly QuickstartOptions Smallest = new()
    {
        Steps = 1, PretrainingSteps = 1, SliceSteps = 2, PretrainingCases = 2, TrainingCases = 1, HeldOutCases = 1,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Data_and_models_are_made_once_and_every_start_takes_them()
    {
        var plan = Quickstart.Prepare(_folder.Root, Smallest);
        var times = Times();
        Quickstart.Prepare(_folder.Root, Smallest);
        Assert.Equal(times, Times());

        var read = ComparisonPlan.Read(Quickstart.PlanPath(_folder.Root));
        Assert.Equal(plan.Cells().Select(cell => cell.Id), read.Cells().Select(cell => cell.Id));
        Assert.Equal(10, read.Cells().Count);
        ComparisonRunner.Check(read);
        foreach (var cell in read.Cells().Where(cell => cell.Seed == 0))
            ComparisonRunner.Run(cell);
        var results = ComparisonRunner.Collect(read);
        Assert.Equal(["scratch", "pretrained", "inflated", "adapter", "transformer-off"], results.Arms.Select(arm => arm.Name));
        foreach (var arm in results.Arms.Where(arm => arm.Name is "pretrained" or "inflated" or "adapter"))
            Assert.Equal(SeenStatus.NotSeen, arm.Seen!.Status);
        Assert.Single(results.Runs.Select(run => run.Hashes.PatchOrder).Distinct());
        Assert.Single(results.Runs.Select(run => run.Hashes.DecoderInitialization).Distinct());

        var other = Assert.Throws<InvalidDataException>(() => Quickstart.Prepare(_folder.Root, Smallest with { Steps = 2 }));
        Assert.Contains("other options", other.Message, StringComparison.Ordinal);

        DateTime[] Times() =>
        [
            .. Directory.EnumerateFiles(_folder.Root, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".yaml", StringComparison.Ordinal)
                && Path.GetFileName(path) is not ("pretraining.json" or DataSplit.FileName)).Order(StringComparer.Ordinal).Select(File.GetLastWriteTimeUtc),
        ];
    }

    [Fact]
    public void A_folder_with_something_else_is_left_alone()
    {
        string file = _folder.File("mine.txt");
        File.WriteAllText(file, "mine");
        Assert.Contains("not empty", Assert.Throws<InvalidDataException>(() => Quickstart.Prepare(_folder.Root, Smallest)).Message, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_2d_model_learns_to_outline_what_is_clicked()
    {
        using var scope = NewDisposeScope();
        var options = new Sam2dEncoderOptions { ImageSize = 16, PatchSize = 4, EmbeddingWidth = 32, BlockCount = 2, HeadCount = 2, OutputChannels = 32, WindowSize = 0, GlobalBlocks = [] };
        using var model = new ClickedSliceModel(options);
        var training = new TrainingOptions { Steps = 80, LearningRate = 3e-3, WarmupSteps = 5, ValidateEvery = 0 };
        using var trainer = new Trainer(model, training);
        var losses = new List<double>();
        trainer.Run(new ClickedSlices(new TwoBoxes(), 6, 3), new Listener(losses.Add));
        Assert.True(losses[^5..].Average() < 0.5 * losses[..5].Average(), $"{losses[..5].Average()} to {losses[^5..].Average()}");

        // The same slice, clicked on either box: the click alone says which.
        using var batch = new TwoBoxes().BatchAt(1000);
        var image = batch.Images[0].narrow(3, 8, 1);
        foreach (int box in (int[])[2, 9])
        {
            var click = zeros_like(image);
            click[0, box + 2, box + 2, 0] = 1f;
            using var mode = no_grad();
            var inside = model.call(cat([image, click]).unsqueeze(0)).argmax(1)[0].squeeze(2).to(ScalarType.Float32);
            var truth = zeros(16, 16);
            truth.narrow(0, box, 5).narrow(1, box, 5).fill_(1);
            double dice = 2 * (inside * truth).sum().item<float>() / (inside.sum() + truth.sum()).item<float>();
            Assert.True(dice > 0.8, $"box at {box}: Dice {dice}");
        }
    }

    private sealed class Listener(Action<double> report) : IProgress<TrainingProgress<SegmentationScores>>
    {
        public void Report(TrainingProgress<SegmentationScores> value) => report(value.Loss);
    }

    /// <summary>Two equal boxes in noise, one of them the target.</summary>
    private sealed class TwoBoxes : IBatchSource
    {
        public TrainingBatch BatchAt(long stepIndex)
        {
            using var scope = NewDisposeScope();
            var images = randn([2, 1, 16, 16, 16], generator: new Generator((ulong)stepIndex)) * 0.2f;
            var labels = zeros([2, 1, 16, 16, 16], ScalarType.Int64);
            for (var sample = 0; sample < 2; sample++)
                foreach (int box in (int[])[2, 9])
                {
                    using var part = images[sample][0].narrow(0, box, 5).narrow(1, box, 5);
                    part.add_(2f);
                    if (box == (sample == 0 ? 2 : 9))
                        labels[sample][0].narrow(0, box, 5).narrow(1, box, 5).fill_(1);
                }

            return new TrainingBatch(images.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope(), ["a", "b"]);
        }
    }
}
