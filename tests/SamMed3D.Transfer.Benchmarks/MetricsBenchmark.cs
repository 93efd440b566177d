using System.Diagnostics;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>Connected components, distance transform and surface metrics on volumes of two sizes: time per voxel, which stays the same where time is linear.</summary>
internal static class MetricsBenchmark
{
    private static readonly Size3[] Sizes = [256, new Size3(512, 512, 256)];

    /// <param name="repeats">Counted runs of each; the median is printed.</param>
    public static void Run(int repeats)
    {
        Console.WriteLine("nanoseconds of processor time a voxel (medians), which other programs do not lengthen; the masks fill the volume, so that no box makes it smaller");
        var spacing = new Double3(0.8, 0.8, 1.5);
        for (var warm = 0; warm < 3; warm++)
            _ = Measure(48, spacing, repeats: 10);
        var rows = Sizes.Select(size => Measure(size, spacing, repeats)).ToList();
        Console.WriteLine($"{"",-36}{string.Concat(Sizes.Select(size => $"{size,14}"))}{"ratio",10}");
        foreach (string name in rows[0].Keys)
            Console.WriteLine(FormattableString.Invariant($"{name,-36}{rows[0][name],14:F2}{rows[1][name],14:F2}{rows[1][name] / rows[0][name],10:F2}"));
    }

    private static Dictionary<string, double> Measure(Size3 size, Double3 spacing, int repeats)
    {
        int[] truth = Organs(size, 0), prediction = Organs(size, 0.01);
        bool[] mask = Array.ConvertAll(truth, label => label != 0), other = Array.ConvertAll(prediction, label => label != 0);
        bool[] noise = new bool[size.Count];
        var random = new Random(1);
        for (var i = 0; i < noise.Length; i++)
            noise[i] = random.Next(5) == 0;
        var times = new Dictionary<string, double>
        {
            ["components, 26, organs"] = Nanoseconds(() => ConnectedComponents.Of(truth, size)),
            ["components, 26, 20 % noise"] = Nanoseconds(() => ConnectedComponents.Of(noise, size)),
            ["components, 6, 20 % noise"] = Nanoseconds(() => ConnectedComponents.Of(noise, size, Connectivity.Faces)),
            ["distance transform"] = Nanoseconds(() => DistanceTransform.Inside(mask, size, spacing)),
            ["surfaces of one pair, by area"] = Nanoseconds(() => SurfaceDistances.Between(mask, other, size, spacing)),
            ["surfaces of one pair, by voxel"] = Nanoseconds(() => SurfaceDistances.Between(mask, other, size, spacing, SurfaceConvention.VoxelBorder)),
        };
        using var trueLabels = Labels(truth, size, spacing);
        using var predictedLabels = Labels(prediction, size, spacing);
        string[] names = ["1", "2", "3", "4", "5", "6", "7", "8"];
        times["Dice of 8 classes"] = Nanoseconds(() => CaseScores.Compare("case", trueLabels, predictedLabels, names));
        times["Dice and surfaces of 8 classes"] = Nanoseconds(() => CaseScores.Compare("case", trueLabels, predictedLabels, names, new SurfaceOptions()));
        return times;

        double Nanoseconds(Func<object> work)
        {
            var seconds = new List<double>();
            for (var i = 0; i < repeats; i++)
            {
                GC.Collect();
                var before = Process.GetCurrentProcess().TotalProcessorTime;
                GC.KeepAlive(work());
                seconds.Add((Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
            }

            seconds.Sort();
            return seconds[seconds.Count / 2] * 1e9 / size.Count;
        }
    }

    /// <summary>Eight balls with wavy surfaces, one in each octant.</summary>
    private static int[] Organs(Size3 size, double shift)
    {
        var labels = new int[size.Count];
        var i = 0;
        for (var x = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
                for (var z = 0; z < size.Z; z++, i++)
                {
                    double u = (x + 0.5) / size.X * 2, v = (y + 0.5) / size.Y * 2, w = (z + 0.5) / size.Z * 2;
                    int octant = (int)u * 4 + (int)v * 2 + (int)w;
                    double a = u % 1 - 0.5 + shift, b = v % 1 - 0.5, c = w % 1 - 0.5;
                    if (Math.Sqrt(a * a + b * b + c * c) < 0.45 + 0.04 * Math.Sin(20 * a) * Math.Sin(20 * b))
                        labels[i] = octant + 1;
                }

        return labels;
    }

    private static LabelVolume Labels(int[] values, Size3 size, Double3 spacing) =>
        new(tensor(values).reshape(size.X, size.Y, size.Z).contiguous(), Geometry.Create(size, spacing));
}
