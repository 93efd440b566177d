namespace SamMed3D.Transfer;

/// <summary>The voxels of a file, channel after channel, a block at a time, where the format allows that; else the file is read whole.</summary>
internal abstract class VoxelBlocks : IDisposable
{
    public abstract Geometry Geometry { get; }

    public abstract int Channels { get; }

    /// <summary>As for <see cref="VolumeSource.PlacementDoubt"/>.</summary>
    public abstract string? PlacementDoubt { get; }

    /// <summary>As for <see cref="VolumeSource.IsPlaced"/>.</summary>
    public abstract bool IsPlaced { get; }

    /// <summary>Whether the file goes on behind its last voxel; known when all channels were read.</summary>
    public abstract bool HasMore { get; }

    /// <summary>Reads the next voxels, as many as the destination takes; they are all of one channel.</summary>
    public abstract void Read(Span<double> destination);

    public abstract void Dispose();

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is no volume, or damaged.</exception>
    public static VoxelBlocks Open(string path) =>
        VolumeSource.Open(path) is var source && source is StoredVolume { IsPlanar: true } stored ? new Streamed(stored) : new Whole(source);

    private sealed class Streamed(StoredVolume file) : VoxelBlocks
    {
        private readonly VoxelStream _voxels = file.OpenVoxels();

        public override Geometry Geometry => file.Geometry;

        public override int Channels => file.Channels;

        public override string? PlacementDoubt => file.PlacementDoubt;

        public override bool IsPlaced => file.IsPlaced;

        public override bool HasMore => _voxels.HasMore;

        public override void Read(Span<double> destination) => _voxels.Read(destination);

        public override void Dispose() => _voxels.Dispose();
    }

    private sealed class Whole(VolumeSource source) : VoxelBlocks
    {
        private readonly Volume _volume = source.ReadVolume();
        private int _channel, _voxel;

        public override Geometry Geometry => _volume.Geometry;

        public override int Channels => _volume.Channels;

        public override string? PlacementDoubt => source.PlacementDoubt;

        public override bool IsPlaced => source.IsPlaced;

        public override bool HasMore => false;

        public override void Read(Span<double> destination)
        {
            ReadOnlySpan<float> values = _volume.Voxels(_channel).Slice(_voxel, destination.Length);
            for (var index = 0; index < values.Length; index++)
                destination[index] = values[index];
            _voxel += values.Length;
            if (_voxel == _volume.Geometry.Size.Count)
                (_channel, _voxel) = (_channel + 1, 0);
        }

        public override void Dispose() => _volume.Dispose();
    }
}
