using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The folds of a data set's training cases: those of its splits_final.json (nnU-Net), else a seeded k-fold.</summary>
public sealed class DataSplit
{
    /// <summary>The name nnU-Net gives the file.</summary>
    public const string FileName = "splits_final.json";

    private const int MostNamed = 8;

    private DataSplit(string origin, IReadOnlyList<DataFold> folds)
    {
        Origin = origin;
        Folds = folds;
    }

    /// <summary>Where the folds come from: the path of the file, or "5-fold, seed 0".</summary>
    public string Origin { get; }

    /// <summary>The folds.</summary>
    public IReadOnlyList<DataFold> Folds { get; }

    /// <summary>The folds of the data set's own splits_final.json, or seeded ones where there is none.</summary>
    /// <param name="manifest">The data set.</param>
    /// <param name="foldCount">Folds to make where the data set has no file.</param>
    /// <param name="seed">Seed of the folds to make.</param>
    /// <exception cref="InvalidDataException">The file is broken, or there are fewer training cases than folds.</exception>
    public static DataSplit Of(DatasetManifest manifest, int foldCount = 5, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var ids = manifest.TrainingCases.Select(one => one.Id);
        string path = Path.Combine(manifest.Root, FileName);
        if (File.Exists(path))
            return Open(path, ids);
        if (manifest.OwnFold is { } fold)
            return new DataSplit($"the split of {manifest.Source}", [fold]);
        int cases = ids.Count();
        return cases >= foldCount || foldCount < 2 ? KFold(ids, foldCount, seed)
            : throw new InvalidDataException($"{manifest.Source}: expected a training case or more for each of {foldCount} folds, got {cases}; {(cases < 2 ? "validation needs a second case" : $"set data.foldCount to {cases} or less")}.");
    }

    /// <summary>Reads a list of {"train": [ids], "val": [ids]}.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trainingIds">The ids that may occur.</param>
    /// <exception cref="InvalidDataException">The file has another form, names unknown cases, or has a case on both sides; all such faults are named.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static DataSplit Open(string path, IEnumerable<string> trainingIds)
    {
        List<string> faults = [];
        var split = Read(path, trainingIds, faults);
        return faults.Count == 0 ? split : throw new InvalidDataException($"{path}: {string.Join("; ", faults)}.");
    }

    /// <summary>The folds as far as they make sense; what does not is told.</summary>
    /// <exception cref="InvalidDataException">It is no list of folds.</exception>
    internal static DataSplit Read(string path, IEnumerable<string> trainingIds, List<string> faults)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(trainingIds);
        var known = trainingIds.ToHashSet(StringComparer.Ordinal);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected folds in the form of {FileName}.", path);
        return LenientJson.Read(path, root =>
        {
            if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() == 0 || root.EnumerateArray().Any(fold => fold.ValueKind != JsonValueKind.Object))
                throw new InvalidDataException($"{path}: expected a list of at least one {{\"train\": [ids], \"val\": [ids]}}, got {Short(root)}.");
            return new DataSplit(path, [.. root.EnumerateArray().Select((fold, index) => Checked(index, fold, known, faults))]);
        });

        static string Short(JsonElement root) => root.GetRawText() is { Length: > 60 } text ? $"{text[..60]}…" : root.GetRawText();
    }

    /// <summary>Deals the shuffled ids to k folds; each is validated on once. The order in which the ids come makes no difference.</summary>
    /// <exception cref="ArgumentException">There are fewer ids than folds, or fewer than two folds.</exception>
    public static DataSplit KFold(IEnumerable<string> trainingIds, int foldCount = 5, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(trainingIds);
        string[] ids = [.. trainingIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (foldCount < 2 || ids.Length < foldCount)
            throw new ArgumentException(
                $"Expected 2 folds or more and a case or more for each, got {foldCount} folds for {ids.Length} cases.", nameof(foldCount));
        new RandomStream(seed).Shuffle(ids.AsSpan());
        var folds = Enumerable.Range(0, foldCount).Select(fold => new DataFold(
            [.. ids.Where((_, index) => index % foldCount != fold).Order(StringComparer.Ordinal)],
            [.. ids.Where((_, index) => index % foldCount == fold).Order(StringComparer.Ordinal)]));
        return new DataSplit($"{foldCount}-fold, seed {seed}", [.. folds]);
    }

    /// <summary>Writes folds in nnU-Net's form, as <see cref="Open"/> reads them; the file appears whole or not at all.</summary>
    internal static void Save(string path, IEnumerable<DataFold> folds) => PlanFile.WriteJson(path, folds.Select(fold => new Dictionary<string, IReadOnlyList<string>>
    {
        ["train"] = fold.Training, ["val"] = fold.Validation,
    }));

    /// <summary>The cases of a fold: those to train on, as far as a budget allows, and those that are held out.</summary>
    /// <param name="manifest">The data set.</param>
    /// <param name="file">The folds; null for <see cref="Of"/>.</param>
    /// <param name="fold">The fold to validate on.</param>
    /// <param name="foldCount">Folds to make where there is no file.</param>
    /// <param name="seed">Seed of the folds to make.</param>
    /// <param name="budget">Which of the training cases to take; null for all.</param>
    /// <exception cref="InvalidDataException">A file is broken, or there is no such fold or budget.</exception>
    /// <exception cref="FileNotFoundException">A file is not there.</exception>
    internal static (IReadOnlyList<DatasetCase> Training, IReadOnlyList<DatasetCase> Validation) CasesOf(
        DatasetManifest manifest, string? file, int fold, int foldCount, long seed, TrainingBudget? budget)
    {
        var split = file is not null ? Open(file, manifest.TrainingCases.Select(one => one.Id)) : Of(manifest, foldCount, seed);
        if (fold >= split.Folds.Count)
            throw new InvalidDataException($"{split.Origin}: has folds 0 to {split.Folds.Count - 1}, but data.fold is {fold}.");
        DatasetCase[] training = [.. split.Folds[fold].Training.Select(id => manifest[id])];
        return (budget is null ? training : LabelBudgets.Open(budget.File).Within(budget.Percent, fold, training),
            [.. split.Folds[fold].Validation.Select(id => manifest[id])]);
    }

    private static DataFold Checked(int index, JsonElement fold, HashSet<string> known, List<string> faults)
    {
        string[] training = Ids("train"), validation = Ids("val");
        if (training.Intersect(validation, StringComparer.Ordinal).ToList() is { Count: > 0 } both)
            faults.Add($"fold {index} has these cases in both train and val: {ShortList.Of(both, MostNamed)}");
        return new DataFold(training, validation);

        string[] Ids(string key)
        {
            if (!fold.TryGetProperty(key, out var list) || list.ValueKind != JsonValueKind.Array
                || list.EnumerateArray().Any(id => id.ValueKind != JsonValueKind.String))
            {
                faults.Add($"fold {index}: expected \"{key}\" with a list of case ids");
                return [];
            }

            string[] ids = [.. list.EnumerateArray().Select(id => id.GetString()!).Order(StringComparer.Ordinal)];
            if (ids.Length == 0)
                faults.Add($"fold {index}: \"{key}\" is empty");
            if (ids.Where(id => !known.Contains(id)).Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
                faults.Add($"fold {index}: \"{key}\" names cases that are no training cases: {ShortList.Of(unknown, MostNamed)}");
            if (ids.GroupBy(id => id, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key).ToList() is { Count: > 0 } twice)
                faults.Add($"fold {index}: \"{key}\" names a case twice: {ShortList.Of(twice, MostNamed)}");
            return ids;
        }
    }
}
