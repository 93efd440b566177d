namespace SamMed3D.Transfer;

/// <summary>The voxels of a file, channel after channel, a block at a time, where the format allows that; else the file is read whole.</summary>
internal abstract class VoxelBlocks : IDisposable
{
    public abstract Geometry Geometry { get; }

    public abstract int Channels { get; }

    /// <summary>Reads the next voxels, as many as the destination takes.</summary>
    public abstract void Read(Span<double> destination);

    public abstract void Dispose();

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is no volume, or damaged.</exception>
    public static VoxelBlocks Open(string path) => new OfNifti(NiftiFile.Open(path));

    private sealed class OfNifti(NiftiFile file) : VoxelBlocks
    {
        private readonly NiftiVoxels _voxels = file.OpenVoxels();

        public override Geometry Geometry => file.Geometry;

        public override int Channels => file.Channels;

        public override void Read(Span<double> destination) => _voxels.Read(destination);

        public override void Dispose() => _voxels.Dispose();
    }
}
