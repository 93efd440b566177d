using System.Diagnostics;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>A synthetic checkpoint of several gigabytes, written and loaded as .pth and as .safetensors: time and peak memory.</summary>
internal static class LargeCheckpoint
{
    private const long TensorBytes = 64L << 20;

    /// <param name="folder">Where to write the file, which is deleted afterwards.</param>
    /// <param name="gigabytes">Its size, in 10^9 bytes.</param>
    public static void Run(string folder, double gigabytes)
    {
        int count = (int)Math.Ceiling(gigabytes * 1e9 / TensorBytes);
        var formats = new (string Ending, Action<string, IWeightSource> Save)[]
        {
            (".pth", (path, source) => PyTorchCheckpoint.Save(path, source)),
            (".safetensors", (path, source) => SafetensorsFile.Save(path, source)),
        };
        foreach (var (ending, save) in formats)
        {
            string path = Path.Combine(folder, $"large-{Guid.NewGuid():N}{ending}");
            try
            {
                using var source = FormulaWeights.Source(Enumerable.Range(0, count)
                    .Select(index => KeyValuePair.Create($"layers.{index}.weight", (IReadOnlyList<long>)[TensorBytes / 4 / 1024, 1024])));
                save(path, source);
                Report(path, ending);
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    private static void Report(string path, string ending)
    {
        ProcessMemory.ResetPeak();
        double before = ProcessMemory.PeakMebibytes();
        var watch = Stopwatch.StartNew();
        using var checkpoint = Checkpoint.Open(path);
        double opened = ProcessMemory.PeakMebibytes() - before;
        var openSeconds = watch.Elapsed.TotalSeconds;

        // A model takes the values over one tensor at a time, as WeightLoader does.
        var model = checkpoint.Tensors.ToDictionary(info => info.Name, info => zeros([.. info.Shape], dtype: info.DType));
        foreach (var info in checkpoint.Tensors)
        {
            using var tensor = checkpoint.Read(info.Name);
            model[info.Name].copy_(tensor);
        }

        double peak = ProcessMemory.PeakMebibytes() - before, size = CheckpointDescription.Of(checkpoint).ByteCount / (double)(1 << 20);
        Console.WriteLine(FormattableString.Invariant(
            $"{ending,-12} {size:F0} MiB in {checkpoint.Tensors.Count} tensors: opened in {openSeconds:F2} s (+{opened:F0} MiB), loaded in {watch.Elapsed.TotalSeconds:F1} s, peak {peak:F0} MiB = model + {peak - size:F0} MiB (largest tensor {TensorBytes >> 20} MiB)"));
        foreach (var tensor in model.Values)
            tensor.Dispose();
    }
}
