namespace SamMed3D.Transfer;

/// <summary>The voxels of a file one after the other, in file order, scaled, in double precision.</summary>
internal abstract class VoxelStream : IDisposable
{
    /// <summary>Reads the next voxels, as many as the destination takes.</summary>
    /// <exception cref="InvalidDataException">The file ends before, or its data is damaged.</exception>
    public abstract void Read(Span<double> destination);

    /// <summary>Whether the file goes on behind its last voxel, as far as that was looked at; known when the last voxel was read.</summary>
    public virtual bool HasMore => false;

    public abstract void Dispose();
}
