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
        var tiny = TinyExperiment.In(_folder.Root);
        return tiny with { Data = tiny.Data with { Augmentation = AugmentationPreset.Standard } };
    }
}
