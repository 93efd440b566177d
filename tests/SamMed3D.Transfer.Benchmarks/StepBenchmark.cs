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
            Report($"{precision} encoder step", 3, encoderFloor, () => Train(unetr.Backbone, unetr.Backbone.call, volume, null), repeats);
            var encoder = ProductFloor.Encoder((EncoderOptions)options.Backbone, edge, batch, type, hasNeck: false);
            var decoder = ProductFloor.Decoder(options, edge, batch, type);
            Action unetrFloor = () =>
            {
                encoder();
                decoder();
            };
            Report($"{precision} UNETR forward", 1, unetrFloor, () => Forward(unetr, volume), repeats);
            Report($"{precision} UNETR step", 3, unetrFloor, () => Train(unetr, unetr.call, volume, labels), repeats);
            GradientCheckpointing.Apply(unetr, true);
            Report($"{precision} encoder step, checkpointed", 3, encoderFloor, () => Train(unetr.Backbone, unetr.Backbone.call, volume, null), repeats);
            Report($"{precision} UNETR step, checkpointed", 3, unetrFloor, () => Train(unetr, unetr.call, volume, labels), repeats);
            GradientCheckpointing.Apply(unetr, false);
            GC.Collect();
        }
    }

    /// <summary>A training step of UNETR against the same network written plainly (<see cref="PlainUnetr"/>): its decoder alone, and its encoder too.</summary>
    /// <param name="edge">Of the cubic patch, in voxels.</param>
    /// <param name="batch">Patches in a batch.</param>
    /// <param name="repeats">Counted runs of each, taking turns. The fastest counts.</param>
    public static void RunPlain(int edge, int batch, int repeats)
    {
        using var unetr = Unetr.Create(new UnetrOptions { Backbone = EncoderOptions.SamMed3D with { ImageSize = edge }, ClassCount = 14 });
        using var volume = randn([batch, 1, edge, edge, edge], generator: new Generator(7));
        using var labels = randint(0, 14, [batch, 1, edge, edge, edge]);
        Console.WriteLine($"UNETR on SAM-Med3D ViT-B, a training step, {edge}^3, batch {batch}, {get_num_threads()} thread(s); fastest of {repeats}; memory above the weights and gradients");
        foreach (var precision in new[] { ComputePrecision.Float32, ComputePrecision.Bfloat16 })
        {
            MixedPrecision.Apply(unetr, precision);
            var type = precision.Type() ?? ScalarType.Float32;
            var plainDecoder = new PlainUnetr(unetr, hasPublishedEncoder: false, type);
            var plain = new PlainUnetr(unetr, hasPublishedEncoder: true, type);
            List<(string What, Func<Tensor, Tensor> Forward)> all = [("this library", unetr.call), ("its encoder, plain decoder", plainDecoder.Forward)];
            // Each patch takes 14 GB there.
            if (batch == 1)
                all.Add(("plain encoder, plain decoder", plain.Forward));
            var seconds = all.Select(_ => double.MaxValue).ToArray();
            var peaks = new double[all.Count];
            // The gradients, which stay, are no part of what a step adds.
            Train(unetr, unetr.call, volume, labels);
            for (int i = 0; i < all.Count; i++)
            {
                ProcessMemory.ResetPeak();
                double before = ProcessMemory.PeakMebibytes();
                Train(unetr, all[i].Forward, volume, labels);
                peaks[i] = ProcessMemory.PeakMebibytes() - before;
            }

            for (int repeat = 0; repeat < repeats; repeat++)
                for (int i = 0; i < all.Count; i++)
                    seconds[i] = Math.Min(seconds[i], Seconds(() => Train(unetr, all[i].Forward, volume, labels)));
            for (int i = 0; i < all.Count; i++)
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"{precision,-9} {all[i].What,-30} {seconds[i],7:F2} s   {seconds[i] / seconds[0],5:F2}x   {peaks[i],6:F0} MiB   {peaks[0] / peaks[i],5:F2} of it here   largest difference of logits {Difference(all[i].Forward):G2}"));
            }
        }

        double Difference(Func<Tensor, Tensor> forward)
        {
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            return (forward(volume) - unetr.call(volume)).abs().max().item<float>();
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

    private static void Train(nn.Module model, Func<Tensor, Tensor> forward, Tensor volume, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var output = forward(volume);
        (labels is null ? output.sum() : new DiceCrossEntropyLoss().Compute(output, labels)).backward();
        // As an optimizer does, gradients stay until the next step.
        foreach (var parameter in model.parameters())
            parameter.grad?.zero_();
    }
}
