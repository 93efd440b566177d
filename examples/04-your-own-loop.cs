#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// The parts without the runner: any Module under the Trainer, any IBatchSource in front of it.
// usage: dotnet run examples/04-your-own-loop.cs
using SamMed3D.Transfer;
using static TorchSharp.torch;

ScalarGuard.Install();
using var model = Unetr.Create(new UnetrOptions
{
    ClassCount = 2,
    Backbone = new PlainViTOptions { ImageSize = 32, PatchSize = 8, EmbeddingWidth = 48, BlockCount = 3, HeadCount = 3, MlpWidth = 96 },
});
var options = new TrainingOptions { Steps = 60, WarmupSteps = 5, LearningRate = 2e-3, ValidateEvery = 0 };
using var trainer = new Trainer(model, options);
trainer.Run(new Cubes(options.Seed, options.BatchSize), new Losses());

/// <summary>Bright cubes in noise. A batch is a function of the seed and the step alone, so that a run can be repeated.</summary>
internal sealed class Cubes(long seed, int batchSize) : IBatchSource
{
    public TrainingBatch BatchAt(long stepIndex)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)(seed * 1_000_003 + stepIndex));
        var labels = zeros([batchSize, 1, 32, 32, 32], ScalarType.Int64);
        long[] corners = randint(0, 20, [3 * batchSize], ScalarType.Int64, generator: generator).data<long>().ToArray();
        for (var n = 0; n < batchSize; n++)
            labels[n].narrow(1, corners[3 * n], 12).narrow(2, corners[3 * n + 1], 12).narrow(3, corners[3 * n + 2], 12).fill_(1);
        var images = randn(labels.shape, generator: generator) + labels;
        return new TrainingBatch(images.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope(), ["cubes"]);
    }
}

internal sealed class Losses : IProgress<TrainingProgress<SegmentationScores>>
{
    public void Report(TrainingProgress<SegmentationScores> value) => Console.WriteLine($"{value.Step}: loss {value.Loss:F3}");
}
