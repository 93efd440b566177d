namespace SamMed3D.Transfer;

/// <summary>How the scores of a validation are written into metrics.csv and told in a line.</summary>
/// <param name="Names">The columns.</param>
/// <param name="Values">A value for each.</param>
/// <param name="Line">The scores in half a line.</param>
internal sealed record ScoreColumns<TScores>(
    IReadOnlyList<string> Names, Func<TScores, IEnumerable<double>> Values, Func<TScores, string> Line);
