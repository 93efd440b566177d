namespace SamMed3D.Transfer;

/// <summary>What the three numbers of a place mean.</summary>
public enum CoordinateSpace
{
    /// <summary>Voxel indices of the input file along its own axes; the centre of the first voxel is 0.</summary>
    Voxel,

    /// <summary>Millimetres in the world, RAS+: to the right, to the front, to the head.</summary>
    World,
}
