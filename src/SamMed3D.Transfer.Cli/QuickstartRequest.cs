namespace SamMed3D.Transfer.Cli;

/// <summary>How the quickstart runs.</summary>
/// <param name="Output">Folder for data set and run; null for a fresh one under runs.</param>
/// <param name="Steps">Training steps; null for the default.</param>
/// <param name="Seed">Seed of everything random.</param>
internal sealed record QuickstartRequest(string? Output, int? Steps, long Seed);
