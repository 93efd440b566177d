namespace SamMed3D.Transfer;

/// <summary>
/// Deals subjects to folds so that each fold has its share of every class: always the class with the fewest subjects left is dealt next, each subject to the fold
/// that lacks most of it (iterative stratification: Sechidis, Tsoumakas, Vlahavas, ECML PKDD 2011). All cases of a subject go to one fold.
/// </summary>
internal static class StratifiedFolds
{
    /// <returns>For each fold, the ids of the cases to validate on.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Deal(IReadOnlyList<CaseFingerprint> cases, int foldCount, long seed)
    {
        var subjects = Subjects(cases, seed);
        if (subjects.Count < foldCount)
            throw new ArgumentException($"Expected at least as many subjects as folds, got {subjects.Count} subjects for {foldCount} folds.");
        string[] classes = [.. subjects.SelectMany(subject => subject.Present).Distinct().Order(StringComparer.Ordinal)];
        var wanted = classes.ToDictionary(name => name, name => Enumerable.Repeat((double)subjects.Count(one => one.Present.Contains(name)) / foldCount, foldCount).ToArray());
        double[] wantedCases = [.. Enumerable.Repeat((double)cases.Count / foldCount, foldCount)];
        var folds = Enumerable.Range(0, foldCount).Select(_ => new List<string>()).ToArray();
        var left = subjects.ToList();
        while (left.Count > 0)
        {
            string? rarest = classes.Where(name => left.Exists(one => one.Present.Contains(name))).MinBy(name => left.Count(one => one.Present.Contains(name)));
            foreach (var subject in left.Where(one => rarest is null || one.Present.Contains(rarest)).ToList())
            {
                int fold = Enumerable.Range(0, foldCount).OrderByDescending(index => rarest is null ? 0 : wanted[rarest][index])
                    .ThenByDescending(index => wantedCases[index]).First();
                folds[fold].AddRange(subject.Ids);
                wantedCases[fold] -= subject.Ids.Count;
                foreach (string name in subject.Present)
                    wanted[name][fold]--;
                left.Remove(subject);
            }
        }

        return [.. folds.Select(fold => (IReadOnlyList<string>)[.. fold.Order(StringComparer.Ordinal)])];
    }

    /// <summary>
    /// The subjects in a seeded order in which every class comes early: first those that bring a class not yet seen, then the others. The first ones of it are the
    /// smallest label budget, so that budgets are nested.
    /// </summary>
    public static IReadOnlyList<(IReadOnlyList<string> Ids, IReadOnlyList<string> Present)> BudgetOrder(IReadOnlyList<CaseFingerprint> cases, long seed)
    {
        var left = Subjects(cases, seed).ToList();
        var order = new List<(IReadOnlyList<string>, IReadOnlyList<string>)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (left.Count > 0)
        {
            var next = left.MaxBy(one => one.Present.Count(name => !seen.Contains(name)));
            left.Remove(next);
            seen.UnionWith(next.Present);
            order.Add(next);
        }

        return order;
    }

    private static List<(IReadOnlyList<string> Ids, IReadOnlyList<string> Present)> Subjects(IReadOnlyList<CaseFingerprint> cases, long seed)
    {
        var subjects = cases.GroupBy(one => one.Subject, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => ((IReadOnlyList<string>)[.. group.Select(one => one.Id).Order(StringComparer.Ordinal)],
                (IReadOnlyList<string>)[.. group.SelectMany(one => one.Present).Distinct().Order(StringComparer.Ordinal)])).ToArray();
        new RandomStream(seed).Shuffle(subjects.AsSpan());
        return [.. subjects];
    }
}
