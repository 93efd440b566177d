namespace SamMed3D.Transfer;

/// <summary>Which voxels touch each other.</summary>
public enum Connectivity
{
    /// <summary>Those that share a face: 6 neighbours.</summary>
    Faces = 6,

    /// <summary>Those that share a face or an edge: 18 neighbours.</summary>
    Edges = 18,

    /// <summary>Those that share a face, an edge or a corner: 26 neighbours.</summary>
    Corners = 26,
}
