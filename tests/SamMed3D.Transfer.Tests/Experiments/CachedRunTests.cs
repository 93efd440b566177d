namespace SamMed3D.Transfer.Tests;

/// <summary>Training through the cache and with workers, on tiny data.</summary>
public sealed class CachedRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cache_and_workers_change_no_number()
    {
        var experiment = ExperimentRunner.Prepare(Tiny());
        string[] expected = Curve(experiment with { Data = experiment.Data with { Workers = 0 } }, "plain");
        foreach (string name in (string[])["caching", "cached"])
            Assert.Equal(expected, Curve(experiment with { Data = experiment.Data with { Workers = 3, Prefetch = 4, Cache = _folder.File("cache") } }, name));
    }

    private string[] Curve(Experiment experiment, string name)
    {
        var run = RunFolder.Create(experiment, CPU, DateTimeOffset.UnixEpoch, _folder.File(name));
        ExperimentRunner.Train(run);
        return File.ReadAllLines(run.MetricsPath);
    }

    private Experiment Tiny()
    {
        string data = _folder.File("data");
        SyntheticAnatomy.Write(data, new SyntheticAnatomyOptions { TrainingCases = 5, TestCases = 1, Size = new(24, 24, 16) });
        var quick = Quickstart.CreateExperiment(data, _folder.Root, steps: 3);
        return (quick with
        {
            Data = quick.Data with
            {
                Preprocessing = quick.Data.Preprocessing with { Spacing = new Double3(14, 12, 16) },
                Augmentation = AugmentationPreset.Standard,
            },
            Model = (UnetrOptions)quick.Model with
            {
                Backbone = (EncoderOptions)((UnetrOptions)quick.Model).Backbone with { ImageSize = 16, EmbeddingWidth = 24, BlockCount = 3, HeadCount = 3 },
            },
        }).Completed();
    }
}
