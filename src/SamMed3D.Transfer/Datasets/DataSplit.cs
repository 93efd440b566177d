using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The folds of a data set's training cases: those of its splits_final.json (nnU-Net), else a seeded k-fold.</summary>
public sealed class DataSplit
{
    /// <summary>The name nnU-Net gives the file.</summary>
    public const string FileName = "splits_final.json";

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
    /// <exception cref="InvalidDataException">The file has another form, names unknown cases, or has a case on both sides.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static DataSplit Open(string path, IEnumerable<string> trainingIds)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(trainingIds);
        var known = trainingIds.ToHashSet(StringComparer.Ordinal);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected folds in the form of {FileName}.", path);
        List<Dictionary<string, JsonElement>>? read;
        try
        {
            read = JsonSerializer.Deserialize<List<Dictionary<string, JsonElement>>>(File.ReadAllBytes(path));
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path}: expected a list of {{\"train\": [ids], \"val\": [ids]}}: {broken.Message}", broken);
        }

        if (read is not { Count: > 0 })
            throw new InvalidDataException($"{path}: expected at least one fold, got none.");
        return new DataSplit(path, [.. read.Select((fold, index) => Checked(path, index, fold, known))]);
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

    /// <summary>The cases of a fold.</summary>
    /// <exception cref="InvalidDataException">There is no such fold.</exception>
    internal (IReadOnlyList<DatasetCase> Training, IReadOnlyList<DatasetCase> Validation) CasesOf(DatasetManifest manifest, int fold) =>
        fold < Folds.Count
            ? ([.. Folds[fold].Training.Select(id => manifest[id])], [.. Folds[fold].Validation.Select(id => manifest[id])])
            : throw new InvalidDataException($"{Origin}: has folds 0 to {Folds.Count - 1}, but data.fold is {fold}.");

    private static DataFold Checked(string path, int index, Dictionary<string, JsonElement> fold, HashSet<string> known)
    {
        string[] training = Ids("train"), validation = Ids("val");
        var both = training.Intersect(validation, StringComparer.Ordinal).ToArray();
        return both.Length == 0 ? new DataFold(training, validation)
            : throw new InvalidDataException($"{path}: fold {index} has these cases in both train and val: {string.Join(", ", both)}.");

        string[] Ids(string key)
        {
            if (!fold.TryGetValue(key, out var list) || list.ValueKind != JsonValueKind.Array
                || list.EnumerateArray().Any(id => id.ValueKind != JsonValueKind.String))
                throw new InvalidDataException($"{path}: fold {index}: expected \"{key}\" with a list of case ids.");
            string[] ids = [.. list.EnumerateArray().Select(id => id.GetString()!).Order(StringComparer.Ordinal)];
            if (ids.Length == 0)
                throw new InvalidDataException($"{path}: fold {index}: \"{key}\" is empty.");
            if (ids.Where(id => !known.Contains(id)).ToArray() is { Length: > 0 } unknown)
                throw new InvalidDataException($"{path}: fold {index}: \"{key}\" names cases that are no training cases: {string.Join(", ", unknown)}.");
            return ids.Distinct(StringComparer.Ordinal).Count() == ids.Length ? ids
                : throw new InvalidDataException($"{path}: fold {index}: \"{key}\" names a case twice.");
        }
    }
}
