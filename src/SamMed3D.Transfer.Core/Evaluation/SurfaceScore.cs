namespace SamMed3D.Transfer;

/// <summary>How close the surfaces of one structure are in one case. All are NaN when the structure is in neither label map; distances are infinite when it is in one alone.</summary>
/// <param name="Tolerance">The tolerance of <paramref name="SurfaceDice"/>, in mm.</param>
/// <param name="SurfaceDice">NSD: the part of both surfaces within the tolerance of the other one, from 0 to 1.</param>
/// <param name="Hausdorff95">HD95, in mm.</param>
/// <param name="Hausdorff">Hausdorff distance, in mm.</param>
/// <param name="MeanDistance">Average symmetric surface distance, in mm.</param>
public readonly record struct SurfaceScore(double Tolerance, double SurfaceDice, double Hausdorff95, double Hausdorff, double MeanDistance);
