namespace SamMed3D.Transfer;

/// <summary>A case as one run segmented it, in three planes.</summary>
/// <param name="Case">Which case, arm and run.</param>
/// <param name="Slices">The planes.</param>
public sealed record CasePicture(ShownCase Case, IReadOnlyList<SlicePicture> Slices)
{
    /// <summary>Draws a case.</summary>
    /// <param name="shown">Which case, arm and run.</param>
    /// <param name="image">The image, in any orientation; its first channel is shown.</param>
    /// <param name="truth">The true labels on the same grid.</param>
    /// <param name="prediction">The predicted labels on the same grid.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static CasePicture Draw(ShownCase shown, Volume image, LabelVolume truth, LabelVolume prediction) =>
        new(shown, CaseOverlay.Draw(image, truth, prediction));
}
