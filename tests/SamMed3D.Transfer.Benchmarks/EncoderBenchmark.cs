using System.Diagnostics;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>The published algorithm against ours, full-size model, batch 1, float32, CPU, one process.</summary>
internal static class EncoderBenchmark
{
    private sealed record Phase(double Seconds, double PeakMebibytes);

    /// <param name="repeats">Counted runs of ours; the published algorithm, ten times slower, gets a third of them.</param>
    public static void Run(int repeats)
    {
        using var encoder = new ImageEncoder(EncoderOptions.SamMed3D);
        Randomize(encoder);
        var published = new PublishedImageEncoder(encoder);
        using var volume = randn([1, 1, 128, 128, 128], generator: new Generator(7));
        Console.WriteLine($"SAM-Med3D ViT-B encoder, 128^3, batch 1, float32, {get_num_threads()} threads; medians");

        double difference;
        using (no_grad())
        using (var scope = NewDisposeScope())
            difference = (encoder.call(volume) - published.Forward(volume)).abs().max().item<float>();

        int few = Math.Max(2, repeats / 3);
        var ourForward = Measure(repeats, () => Forward(() => encoder.call(volume)));
        var publishedForward = Measure(few, () => Forward(() => published.Forward(volume)));
        Report("forward", publishedForward, ourForward);
        var ourTraining = Measure(repeats, () => Train(encoder, () => encoder.call(volume)));
        var publishedTraining = Measure(few, () => Train(encoder, () => published.Forward(volume)));
        Report("forward+backward", publishedTraining, ourTraining);

        Console.WriteLine(FormattableString.Invariant($"forward_speedup={publishedForward.Seconds / ourForward.Seconds:F2}"));
        Console.WriteLine(FormattableString.Invariant($"train_speedup={publishedTraining.Seconds / ourTraining.Seconds:F2}"));
        Console.WriteLine(FormattableString.Invariant($"train_memory_ratio={ourTraining.PeakMebibytes / publishedTraining.PeakMebibytes:F3}"));
        Console.WriteLine(FormattableString.Invariant($"max_abs_difference={difference:G3}"));
    }

    private static void Report(string what, Phase published, Phase ours) => Console.WriteLine(FormattableString.Invariant(
        $"{what,-18} published {published.Seconds,7:F2} s {published.PeakMebibytes,7:F0} MiB   ours {ours.Seconds,6:F2} s {ours.PeakMebibytes,6:F0} MiB"));

    private static Phase Measure(int repeats, Action action)
    {
        ProcessMemory.ResetPeak();
        action();
        double peak = ProcessMemory.PeakMebibytes();
        var seconds = new List<double>();
        for (var i = 0; i < repeats; i++)
        {
            var watch = Stopwatch.StartNew();
            action();
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        seconds.Sort();
        return new Phase(seconds[seconds.Count / 2], peak);
    }

    private static void Forward(Func<Tensor> forward)
    {
        using var noGradient = no_grad();
        using var output = forward();
    }

    private static void Train(ImageEncoder encoder, Func<Tensor> forward)
    {
        using var scope = NewDisposeScope();
        forward().sum().backward();
        encoder.zero_grad();
    }

    /// <summary>Position tables and biases start at zero; a comparison needs them to matter.</summary>
    private static void Randomize(ImageEncoder encoder)
    {
        using var noGradient = no_grad();
        using var generator = new Generator(5);
        foreach (var (name, parameter) in encoder.named_parameters())
            if (name.Contains("pos", StringComparison.Ordinal) || name.EndsWith("bias", StringComparison.Ordinal))
            {
                using var values = (rand(parameter.shape, generator: generator) - 0.5) * 0.4;
                parameter.copy_(values);
            }
    }
}
