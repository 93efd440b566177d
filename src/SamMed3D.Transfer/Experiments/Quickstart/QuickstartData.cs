namespace SamMed3D.Transfer;

/// <summary>The data sets of the quickstart: two to pretrain on and one to compare on, of other people each.</summary>
internal static class QuickstartData
{
    // The data sets differ as those of hospitals do; people are others in each.
    private static readonly (string Name, ValueRange Noise, ValueRange Contrast)[] Pretraining =
        [("arterial", new(9, 16), new(0.6, 1)), ("venous", new(12, 24), new(0.25, 0.7))];

    /// <summary>The folder of the data set to compare on.</summary>
    public static string TargetRoot(string output) => Path.Combine(output, "data", "target");

    /// <summary>Two data sets to pretrain on, as one list, and a third to compare on.</summary>
    /// <param name="output">The quickstart's folder.</param>
    /// <param name="options">How many cases.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between cases; what is whole stays.</param>
    /// <returns>The list.</returns>
    public static string Write(string output, QuickstartOptions options, IProgress<RunProgress>? progress, CancellationToken stop)
    {
        int total = Pretraining.Length * options.PretrainingCases + options.TrainingCases + options.HeldOutCases, done = 0;
        string data = Path.Combine(output, "data"), list = Path.Combine(data, "pretraining.json");
        var cases = new List<object>();
        for (var set = 0; set < Pretraining.Length; set++)
        {
            var (name, noise, contrast) = Pretraining[set];
            Make(name, new SyntheticAnatomyOptions
            {
                Name = $"{SyntheticAnatomy.Name}-{name}", Noise = noise, Contrast = contrast,
                TrainingCases = options.PretrainingCases, TestCases = 0, Seed = Mixed(options.Seed, set),
            });
            // The last case of each is to validate on.
            cases.AddRange(DatasetManifest.Open(Path.Combine(data, name)).TrainingCases.Select((one, index) => new
            {
                id = $"{name}_{one.Id}", image = Path.GetRelativePath(data, one.ImagePaths[0]), label = Path.GetRelativePath(data, one.LabelPath!),
                split = index == options.PretrainingCases - 1 ? "val" : "train",
            }));
        }

        Make("target", new SyntheticAnatomyOptions
        {
            Name = SyntheticAnatomy.Name + "-target", TrainingCases = options.TrainingCases + options.HeldOutCases, TestCases = 0, Seed = Mixed(options.Seed, Pretraining.Length),
        });
        string[] ids = [.. DatasetManifest.Open(TargetRoot(output)).TrainingCases.Select(one => one.Id)];
        DataSplit.Save(Path.Combine(TargetRoot(output), DataSplit.FileName), [new DataFold(ids[..options.TrainingCases], ids[options.TrainingCases..])]);
        AtomicFile.WriteJson(list, new
        {
            channel_names = new Dictionary<string, string> { ["0"] = "CT" },
            labels = SyntheticAnatomy.ClassNames.Select((name, value) => (name, value)).ToDictionary(entry => entry.name, entry => entry.value),
            cases,
        }, RunFolder.Json);
        return list;

        void Make(string name, SyntheticAnatomyOptions set)
        {
            int before = done;
            string root = Path.Combine(data, name);
            if (!File.Exists(Path.Combine(root, DatasetDescription.FileName)))
            {
                // Without its description it is an interrupted call's.
                if (Directory.Exists(root))
                    Directory.Delete(root, recursive: true);
                SyntheticAnatomy.Write(root, set, new CaseProgress(count => progress?.Report(new RunProgress("making data", before + count, total, "cases"))), stop);
            }

            done = before + set.TrainingCases;
        }
    }

    /// <summary>Seeds of data sets that are far apart, so that no two have a person in common.</summary>
    private static long Mixed(long seed, int set) => 1000 * (seed + 1) + set;

    private sealed class CaseProgress(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
