using System.Diagnostics;

namespace SamMed3D.Transfer.Benchmarks;

/// <summary>The first click on an image against the next ones: full-size model, weights by formula, float32, CPU.</summary>
internal static class PromptableBenchmark
{
    /// <param name="repeats">Images, each with a first click and two next ones.</param>
    public static void Run(int repeats)
    {
        using var model = new PromptableModel(PromptableModelOptions.SamMed3D);
        using (var formula = FormulaWeights.Source(model.state_dict()
            .Select(entry => KeyValuePair.Create(entry.Key, (IReadOnlyList<long>)entry.Value.shape))))
            WeightLoader.Load(model, formula);
        Console.WriteLine($"SAM-Med3D ViT-B, whole, 128^3, float32, {get_num_threads()} threads; medians; from click to mask on the file's grid");
        Measure("128x128x128 at 1.5 mm", Geometry.Create(128, 1.5), model, repeats);
        Measure("320x320x160 at 0.8x0.8x1.5 mm", Geometry.Create(new(320, 320, 160), new(0.8, 0.8, 1.5)), model, repeats);
    }

    private static void Measure(string name, Geometry geometry, PromptableModel model, int repeats)
    {
        using var image = new Volume(rand([1, .. geometry.Size.ToArray()], generator: new Generator(7)) * 500 + 1, geometry);
        List<double> set = [], first = [], next = [], decoding = [];
        // The first image only warms up.
        for (int repeat = 0; repeat <= repeats; repeat++)
        {
            using var segmenter = new PromptableSegmenter(model, new() { PatchLimit = 1 });
            double setting = Seconds(() => segmenter.SetImage(image));
            var one = segmenter.AddObject();
            var centre = new Double3(geometry.Size.X / 2, geometry.Size.Y / 2, geometry.Size.Z / 2);
            double clicking = Seconds(() => Click(one, centre, isForeground: true));
            double[] following = [.. Enumerable.Range(1, 2).Select(i =>
                Seconds(() => Click(one, new(centre.X + 5 * i, centre.Y - 7 * i, centre.Z + 3 * i), isForeground: i == 1)))];
            if (repeat == 0)
                continue;
            set.Add(setting);
            first.Add(clicking);
            next.AddRange(following);
            one.RemoveClick(2);
            decoding.Add(Seconds(() =>
            {
                one.AddClick(new Click(centre));
                one.Predict().Dispose();
            }));
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{name,-30} set image {Median(set),6:F3} s   first click {Median(first),6:F3} s   next click {Median(next),6:F3} s (without reading the mask {Median(decoding):F3} s)"));
        Console.WriteLine(FormattableString.Invariant($"next_click_ratio={Median(next) / Median(first):F4}"));
    }

    private static void Click(PromptedObject one, Double3 position, bool isForeground)
    {
        one.AddClick(new Click(position, isForeground));
        using var segmentation = one.Predict();
        using var mask = segmentation.CreateMask();
    }

    private static double Seconds(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
