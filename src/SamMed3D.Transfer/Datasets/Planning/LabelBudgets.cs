using System.Globalization;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Nested subsets of the training cases of each fold: what is in 5 % is in 10 % too.</summary>
public sealed class LabelBudgets
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "budgets.json";

    private readonly IReadOnlyList<IReadOnlyDictionary<int, IReadOnlyList<string>>> _folds;

    private LabelBudgets(string origin, IReadOnlyList<IReadOnlyDictionary<int, IReadOnlyList<string>>> folds)
    {
        Origin = origin;
        _folds = folds;
    }

    /// <summary>The percentages that a plan makes.</summary>
    public static IReadOnlyList<int> Percentages { get; } = [1, 5, 10, 25, 50, 100];

    /// <summary>The file, or "seed 0".</summary>
    public string Origin { get; }

    /// <summary>For each fold, the case ids of each percentage.</summary>
    public IReadOnlyList<IReadOnlyDictionary<int, IReadOnlyList<string>>> Folds => _folds;

    /// <summary>
    /// Draws the subsets: of each fold's training subjects in a seeded order, in which those that bring a class not yet seen come first, the first 1, 5, 10, 25, 50
    /// and 100 percent, rounded up.
    /// </summary>
    /// <param name="fingerprint">Gives the subjects of the cases and their classes.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="seed">Of the order.</param>
    public static LabelBudgets Draw(DatasetFingerprint fingerprint, IReadOnlyList<DataFold> folds, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(fingerprint);
        ArgumentNullException.ThrowIfNull(folds);
        return new LabelBudgets($"seed {seed}", [.. folds.Select(fold =>
        {
            var ids = fold.Training.ToHashSet(StringComparer.Ordinal);
            var order = StratifiedFolds.BudgetOrder([.. fingerprint.Cases.Where(one => ids.Contains(one.Id))], seed);
            return (IReadOnlyDictionary<int, IReadOnlyList<string>>)Percentages.ToDictionary(percent => percent, percent => (IReadOnlyList<string>)
                [.. order.Take((order.Count * percent + 99) / 100).SelectMany(subject => subject.Ids).Order(StringComparer.Ordinal)]);
        })]);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It has another form.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static LabelBudgets Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; expected the {FileName} that 'plan' makes.", path);
        try
        {
            var read = JsonSerializer.Deserialize<List<Dictionary<string, string[]>>>(File.ReadAllBytes(path)) ?? throw new JsonException("null");
            return new LabelBudgets(path, [.. read.Select(fold => (IReadOnlyDictionary<int, IReadOnlyList<string>>)fold.ToDictionary(
                entry => Percent(entry.Key), entry => (IReadOnlyList<string>)entry.Value))]);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path}: expected a list of {{\"1\": [ids], \"5\": [ids], …}}, one for each fold: {broken.Message}", broken);
        }
    }

    /// <summary>Writes the file; it appears whole or not at all.</summary>
    public void Save(string path) => PlanFile.WriteJson(path, _folds.Select(fold =>
        fold.OrderBy(entry => entry.Key).ToDictionary(entry => entry.Key.ToString(CultureInfo.InvariantCulture), entry => entry.Value)));

    /// <summary>The training cases of a fold that a budget allows.</summary>
    /// <exception cref="InvalidDataException">The file has no such fold or percentage, or names cases that the fold does not train on.</exception>
    internal IReadOnlyList<DatasetCase> Within(int percent, int fold, IReadOnlyList<DatasetCase> training)
    {
        if (fold >= _folds.Count)
            throw new InvalidDataException($"{Origin}: has folds 0 to {_folds.Count - 1}, but data.fold is {fold}.");
        if (!_folds[fold].TryGetValue(percent, out var allowed))
            throw new InvalidDataException($"{Origin}: fold {fold} has {string.Join(", ", _folds[fold].Keys.Order())} percent, but data.budget.percent is {percent}.");
        if (allowed.Count == 0)
            throw new InvalidDataException($"{Origin}: fold {fold}, {percent} percent, has no cases; expected one or more.");
        var byId = training.ToDictionary(one => one.Id, StringComparer.Ordinal);
        if (allowed.FirstOrDefault(id => !byId.ContainsKey(id)) is { } stranger)
            throw new InvalidDataException($"{Origin}: fold {fold}, {percent} percent, names {stranger}, which this fold does not train on; are these the budgets of this split?");
        return [.. allowed.Select(id => byId[id])];
    }

    private static int Percent(string key) => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int percent) ? percent
        : throw new JsonException($"'{key}' is no percentage.");
}
