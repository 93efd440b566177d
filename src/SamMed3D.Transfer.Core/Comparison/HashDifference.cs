namespace SamMed3D.Transfer;

/// <summary>Runs that should have shared something and did not, so that their arms differ in more than they are meant to.</summary>
/// <param name="What">What differs: "split", "patch order" or "decoder initialisation".</param>
/// <param name="Fold">The fold.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Budget">The label budget.</param>
/// <param name="Runs">The runs.</param>
public sealed record HashDifference(string What, int Fold, long Seed, LabelBudget Budget, IReadOnlyList<string> Runs)
{
    /// <summary>Finds every such group among runs of one fold, seed and label budget. A hash that does not apply is left out.</summary>
    public static IReadOnlyList<HashDifference> Find(IEnumerable<ComparedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        (string, Func<RunHashes, string?>)[] kinds =
        [
            ("split", hashes => hashes.Split),
            ("patch order", hashes => hashes.PatchOrder),
            ("decoder initialisation", hashes => hashes.DecoderInitialization),
        ];
        var groups = runs.GroupBy(run => (run.Fold, run.Seed, run.Budget)).ToArray();
        return
        [
            .. from kind in kinds
               from @group in groups
               let known = @group.Where(run => kind.Item2(run.Hashes) is not null).ToArray()
               where known.Select(run => kind.Item2(run.Hashes)).Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1
               select new HashDifference(kind.Item1, @group.Key.Fold, @group.Key.Seed, @group.Key.Budget, [.. known.Select(run => run.Id)]),
        ];
    }
}
