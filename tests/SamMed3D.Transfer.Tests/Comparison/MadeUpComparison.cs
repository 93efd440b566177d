namespace SamMed3D.Transfer.Tests;

/// <summary>Results that no network gave: drawn from known effects, as large as a real comparison's.</summary>
internal static class MadeUpComparison
{
    public static readonly string[] Organs = ["liver", "spleen", "left kidney", "right kidney", "pancreas", "aorta", "stomach"];

    /// <summary>Four starts, a control and a residual U-Net on 24 cases: 4 folds x 2 seeds x 3 label budgets.</summary>
    public static ComparisonResults Create(IReadOnlyList<string>? classNames = null, long seed = 1)
    {
        classNames ??= Organs;
        (ComparedArm Arm, double Effect, double Speed)[] arms =
        [
            (new ComparedArm { Name = "scratch", Description = "random weights" }, 0, 1),
            (Start("sam-med3d", "the released checkpoint", SeenStatus.Seen, "AMOS22 is in SA-Med3D-140K and in the turbo checkpoint's fine-tuning (supplement, Table 1)."), 0.031, 2),
            (Start("inflated", "2D SAM made 3D", SeenStatus.NotSeen, "The 2D SAM was trained on photographs (SA-1B)."), 0.004, 1.4),
            (Start("lora", "LoRA of rank 8 on the released checkpoint", SeenStatus.Unknown, "What these weights were trained on is not known."), 0.012, 1.7),
            (new ComparedArm { Name = "transformer-off", Description = "blocks replaced by the identity", Role = ArmRole.TransformerOff }, -0.024, 1.1),
            (new ComparedArm { Name = "residual-unet", Description = "made for the task", Role = ArmRole.TaskSpecific }, 0.018, 1.8),
        ];
        string[] cases = [.. Enumerable.Range(0, 24).Select(i => $"case_{i:000}")];
        var random = new RandomStream(seed);
        double[] difficulty = [.. cases.Select(_ => 0.05 * random.Normal())];
        double[] organ = [.. classNames.Select((_, i) => 0.93 - 0.03 * i)];
        var taste = arms.ToDictionary(one => one.Arm.Name, _ => cases.Select(_ => 0.02 * random.Normal()).ToArray());
        var runs = new List<ComparedRun>();
        foreach (var (budget, loss) in new[] { (LabelBudget.OfFraction(0.1), 0.22), (LabelBudget.OfFraction(0.25), 0.1), (LabelBudget.All, 0.0) })
            foreach (var (arm, effect, speed) in arms)
                for (int fold = 0; fold < 4; fold++)
                    for (int run = 0; run < 2; run++)
                    {
                        double gain = effect * (1 + 4 * loss) - loss / speed + 0.002 * random.Normal();
                        CaseResult[] scored = [.. Enumerable.Range(0, cases.Length).Where(i => i % 4 == fold).Select(i =>
                        {
                            double[] dice = [.. organ.Select((mean, k) => k == 4 && i == 7 ? double.NaN
                                : Math.Clamp(mean + difficulty[i] + taste[arm.Name][i] + gain + 0.02 * random.Normal(), 0, 0.99))];
                            return new CaseResult(cases[i], dice)
                            {
                                SurfaceDice = [.. dice.Select(value => Math.Min(1, value + 0.03))],
                                Hausdorff95 = [.. dice.Select(value => 20 * (1 - value) + 1)],
                            };
                        })];
                        double reached = scored.Average(one => one.MeanDice());
                        runs.Add(new ComparedRun
                        {
                            Id = $"{arm.Name}-{budget.ToString().Replace(" ", "", StringComparison.Ordinal)}-fold{fold}-seed{run}",
                            Arm = arm.Name,
                            Fold = fold,
                            Seed = run,
                            Budget = budget,
                            TrainingCases = budget.IsAll ? 18 : (int)Math.Round(18 * budget.Fraction!.Value),
                            Cases = scored,
                            Curve = [.. Enumerable.Range(1, 12).Select(i => new CurvePoint(100 * i, reached * (1 - Math.Exp(-i * speed / 2.5)) + 0.008 * random.Normal()))],
                            Cost = new RunCost
                            {
                                WallSeconds = 1900 + 40 * random.Normal() - (arm.Role == ArmRole.TaskSpecific ? 700 : 0),
                                DeviceHours = 0.53,
                                PeakMemoryBytes = 3_900_000_000,
                                TotalParameters = 101_300_000,
                                TrainableParameters = arm.Name == "lora" ? 1_240_000 : 101_300_000,
                                Device = "cpu, 2 threads",
                            },
                            Hashes = new RunHashes { Split = $"{fold}5f2c9a1e", PatchOrder = $"{run}77ab40d2", DecoderInitialization = arm.Role == ArmRole.TaskSpecific ? null : $"{run}c0ffee11" },
                        });
                    }

        return new ComparisonResults
        {
            Name = "abdomen-starts",
            Dataset = "AMOS22 subset",
            ClassNames = classNames,
            Baseline = "scratch",
            Arms = [.. arms.Select(one => one.Arm)],
            Runs = runs,
            PositionGuess = [.. new[] { LabelBudget.OfFraction(0.1), LabelBudget.OfFraction(0.25), LabelBudget.All }.SelectMany(budget => Enumerable.Range(0, 4).Select(fold => new PositionGuessScores
            {
                Fold = fold,
                Budget = budget,
                Cases = [.. Enumerable.Range(0, cases.Length).Where(i => i % 4 == fold).Select(i => new CaseResult(cases[i], [.. organ.Select(mean => mean - 0.35 + difficulty[i] / 2)]))],
            }))],
            SurfaceTolerance = 1.5,
            Provenance = new Dictionary<string, string> { ["SamMed3D.Transfer"] = "0.1.0", [".NET"] = "10.0.1", ["LibTorch"] = "2.10.0", ["configuration SHA-256"] = new string('a', 64) },
        };
    }

    private static ComparedArm Start(string name, string description, SeenStatus status, string reason) => new()
    {
        Name = name,
        Description = description,
        Seen = new SeenStamp(status, reason) { Targets = status == SeenStatus.NotSeen ? [] : [new("liver", ["AMOS22", "LiTS"]), new("aorta", ["AMOS22", "SegTHOR"])] },
    };
}
