namespace SamMed3D.Transfer;

/// <summary>Dice after so many clicks, target by target.</summary>
/// <param name="Clicks">After how many clicks, ascending.</param>
/// <param name="Targets">For each target its name, and a score for each entry of <paramref name="Clicks"/>.</param>
public sealed record ClickScores(IReadOnlyList<int> Clicks, IReadOnlyList<(string Target, IReadOnlyList<double> Dice)> Targets) : IValidationScores
{
    /// <summary>SAM-Med3D's: after 1, 3, 5 and 10 clicks.</summary>
    public static IReadOnlyList<int> PublishedClicks { get; } = [1, 3, 5, 10];

    /// <summary>The mean over targets for each entry of <see cref="Clicks"/>; NaN without targets.</summary>
    public IReadOnlyList<double> Means => [.. Clicks.Select((_, index) =>
        Targets.Count == 0 ? double.NaN : Targets.Average(target => target.Dice[index]))];

    /// <summary>The mean of <see cref="Means"/>, by which the best weights are chosen.</summary>
    public double Mean => Means.Average();
}
