namespace SamMed3D.Transfer;

/// <summary>Random weights.</summary>
public sealed record ScratchStart : StartOptions;
