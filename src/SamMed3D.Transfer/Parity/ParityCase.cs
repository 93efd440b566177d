namespace SamMed3D.Transfer;

/// <summary>One golden case after its run.</summary>
/// <param name="Name">Its folder, relative to the folder that was searched.</param>
/// <param name="IsCovered">Whether some check knew it; else <paramref name="Quantities"/> is empty.</param>
/// <param name="Quantities">Everything that was compared.</param>
public sealed record ParityCase(string Name, bool IsCovered, IReadOnlyList<ParityQuantity> Quantities)
{
    /// <summary>Whether something was compared and all of that agrees.</summary>
    public bool Passed => Compared.Any() && Compared.All(quantity => quantity.Passed);

    /// <summary>The quantity with the largest error in relation to its tolerance; null when there is none.</summary>
    public ParityQuantity? Worst => Compared.MaxBy(quantity =>
        double.IsNaN(quantity.Error) ? double.PositiveInfinity
        : quantity.Error == 0 ? 0
        : quantity.Error / quantity.Tolerance);

    private IEnumerable<ParityQuantity> Compared => Quantities.Where(quantity => !quantity.IsSkipped);
}
