using System.Diagnostics;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>Encoder and UNETR on the SAM-Med3D ViT-B, in every precision, as multiples of their floor (<see cref="ProductFloor"/>): one process, CPU.</summary>
internal static class StepBenchmark
{
    /// <param name="edge">Of the cubic patch, in voxels.</param>
    /// <param name="batch">Patches in a batch.</param>
    /// <param name="repeats">Counted runs of each; floor and network take turns, so that a busy machine slows both. The fastest counts.</param>
    public static void Run(int edge, int batch, int repeats)
    {
        var options = new UnetrOptions { Backbone = EncoderOptions.SamMed3D with { ImageSize = edge }, ClassCount = 14 };
        using var unetr = Unetr.Create(options);
        using var volume = randn([batch, 1, edge, edge, edge], generator: new Generator(7));
        using var labels = randint(0, 14, [batch, 1, edge, edge, edge]);
        Console.WriteLine($"SAM-Med3D ViT-B, {edge}^3, batch {batch}, {get_num_threads()} thread(s); fastest of {repeats}; floor: products alone, a step's is three times a forward's");
        foreach (var precision in new[] { ComputePrecision.Float32, ComputePrecision.Bfloat16 })
        {
            var type = precision == ComputePrecision.Float32 ? ScalarType.Float32 : ScalarType.BFloat16;
            MixedPrecision.Apply(unetr, precision);
            var encoderFloor = ProductFloor.Encoder((EncoderOptions)options.Backbone, edge, batch, type, hasNeck: true);
            Report($"{precision} encoder forward", 1, encoderFloor, () => Forward(unetr.Backbone, volume), repeats);
            Report($"{precision} encoder step", 3, encoderFloor, () => Train(unetr.Backbone, volume, null), repeats);
            var encoder = ProductFloor.Encoder((EncoderOptions)options.Backbone, edge, batch, type, hasNeck: false);
            var decoder = ProductFloor.Decoder(options, edge, batch, type);
            Action unetrFloor = () =>
            {
                encoder();
                decoder();
            };
            Report($"{precision} UNETR forward", 1, unetrFloor, () => Forward(unetr, volume), repeats);
            Report($"{precision} UNETR step", 3, unetrFloor, () => Train(unetr, volume, labels), repeats);
            GradientCheckpointing.Apply(unetr, true);
            Report($"{precision} encoder step, checkpointed", 3, encoderFloor, () => Train(unetr.Backbone, volume, null), repeats);
            Report($"{precision} UNETR step, checkpointed", 3, unetrFloor, () => Train(unetr, volume, labels), repeats);
            GradientCheckpointing.Apply(unetr, false);
            GC.Collect();
        }
    }

    private static void Report(string what, int floors, Action floor, Action action, int repeats)
    {
        floor();
        action();
        ProcessMemory.ResetPeak();
        double before = ProcessMemory.PeakMebibytes();
        action();
        double peak = ProcessMemory.PeakMebibytes() - before, atLeast = double.MaxValue, fastest = double.MaxValue;
        for (var i = 0; i < repeats; i++)
        {
            atLeast = Math.Min(atLeast, floors * Seconds(floor));
            fastest = Math.Min(fastest, Seconds(action));
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{what,-40} {fastest,7:F2} s   floor {atLeast,7:F2} s   {fastest / atLeast,5:F2}x   {peak,6:F0} MiB above the weights and gradients"));
    }

    private static double Seconds(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private static void Forward(nn.Module<Tensor, Tensor> model, Tensor volume)
    {
        using var noGradient = no_grad();
        using var output = model.call(volume);
    }

    private static void Train(nn.Module<Tensor, Tensor> model, Tensor volume, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var output = model.call(volume);
        (labels is null ? output.sum() : new DiceCrossEntropyLoss().Compute(output, labels)).backward();
        // As an optimizer does, gradients stay until the next step.
        foreach (var parameter in model.parameters())
            parameter.grad?.zero_();
    }
}
