namespace SamMed3D.Transfer;

/// <summary>One thing that tells families apart: a key that must be there, with so many dimensions, or must not be there.</summary>
/// <param name="Key">A whole key, or, when it ends with a dot, the start of some.</param>
/// <param name="Rank">How many dimensions the tensor must have; null when any number will do.</param>
/// <param name="IsAbsent">Whether the key must not be there.</param>
public sealed record KeyClue(string Key, int? Rank = null, bool IsAbsent = false)
{
    /// <summary>The key must be there.</summary>
    public static KeyClue Has(string key, int? rank = null) => new(key, rank);

    /// <summary>The key must not be there.</summary>
    public static KeyClue Lacks(string key) => new(key, IsAbsent: true);

    /// <summary>Whether it holds for these tensors.</summary>
    internal bool Holds(IReadOnlyDictionary<string, WeightInfo> tensors) =>
        Find(tensors) is { } found ? !IsAbsent && (Rank is null || found.Shape.Count == Rank) : IsAbsent;

    /// <summary>What was found, for people, where the clue holds.</summary>
    internal string Evidence(IReadOnlyDictionary<string, WeightInfo> tensors) => IsAbsent ? $"no {Named}"
        : Rank is null ? Named
        : $"{Key} {LoadReport.Text(Find(tensors)!.Shape)}";

    /// <summary>What is wrong, for people, where it does not hold.</summary>
    internal string Objection(IReadOnlyDictionary<string, WeightInfo> tensors) => Find(tensors) is not { } found ? $"it has no {Named}"
        : IsAbsent ? $"it has {Named}"
        : $"{Key} is {LoadReport.Text(found.Shape)}, of {found.Shape.Count} dimensions and not {Rank}";

    private string Named => Key.EndsWith('.') ? Key + "*" : Key;

    private WeightInfo? Find(IReadOnlyDictionary<string, WeightInfo> tensors) => Key.EndsWith('.')
        ? tensors.FirstOrDefault(pair => pair.Key.StartsWith(Key, StringComparison.Ordinal)).Value
        : tensors.GetValueOrDefault(Key);
}
