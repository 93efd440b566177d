namespace SamMed3D.Transfer;

/// <summary>
/// Sums up the windows of one volume in a ring of planes that is one window deep: windows come in the order of their first plane, so that planes in
/// front of the newest one are finished. They are divided by their weights and handed on, and their place is used again.
/// </summary>
internal sealed class WindowSums : IDisposable
{
    /// <summary>Voxels that are handed on at once, where one plane is not more: receivers need room for copies of them.</summary>
    private const long SlabVoxels = 1 << 20;

    private readonly Tensor _importance, _sums, _weights;
    private readonly int _depth, _length;
    private int _first; // The first plane that was not handed on.

    /// <param name="classCount">K.</param>
    /// <param name="volume">Extents of the volume.</param>
    /// <param name="importance">[X, Y, Z] of a window, in the type and on the device that the sums are to have; the sums own it from now on.</param>
    public WindowSums(long classCount, Size3 volume, Tensor importance)
    {
        _importance = importance.DetachFromDisposeScope();
        _depth = (int)importance.shape[0];
        _length = volume.X;
        _sums = zeros([classCount, _depth, volume.Y, volume.Z], importance.dtype, importance.device).DetachFromDisposeScope();
        _weights = zeros([_depth, volume.Y, volume.Z], importance.dtype, importance.device).DetachFromDisposeScope();
    }

    /// <summary>Where the sums are.</summary>
    public Device Device => _sums.device;

    /// <summary>Memory of the sums and their weights: 4 (K + 1) window.X Y Z bytes in float32.</summary>
    public static long Bytes(long classCount, Size3 volume, Size3 window, ScalarType type) =>
        (classCount + 1) * window.X * volume.Y * volume.Z * (type == ScalarType.Float64 ? sizeof(double) : sizeof(float));

    /// <summary>Adds a window. It must not begin in front of the planes that were handed on, nor end behind the ring.</summary>
    /// <param name="values">[K, window], in the type and on the device of the sums.</param>
    /// <param name="start">The window's first voxel.</param>
    public void Add(Tensor values, Size3 start)
    {
        using var scope = NewDisposeScope();
        long[] extents = _importance.shape;
        foreach (var (offset, place, count) in Pieces(start.X, _depth, _depth))
        {
            var importance = _importance.narrow(0, offset, count);
            var sums = _sums.narrow(1, place, count).narrow(2, start.Y, extents[1]).narrow(3, start.Z, extents[2]);
            sums.addcmul_(values.narrow(1, offset, count), importance, HeldScalar.One);
            _weights.narrow(0, place, count).narrow(1, start.Y, extents[1]).narrow(2, start.Z, extents[2]).add_(importance, HeldScalar.One);
        }
    }

    /// <summary>Hands on the planes in front of an index along X and makes their place free.</summary>
    /// <param name="end">The index.</param>
    /// <param name="take">Gets the first plane's index and [K, planes, Y, Z], which is good until it returns.</param>
    public void HandOn(int end, Action<int, Tensor> take)
    {
        int most = (int)Math.Max(1, SlabVoxels / (_weights.shape[1] * _weights.shape[2]));
        foreach (var (offset, place, count) in Pieces(_first, end - _first, most))
        {
            using var scope = NewDisposeScope();
            var planes = _sums.narrow(1, place, count);
            var weights = _weights.narrow(0, place, count);
            take(_first + offset, planes.div_(weights));
            planes.zero_();
            weights.zero_();
        }

        _first = end;
    }

    /// <summary>Hands on all planes that are left; the next window is one of another volume of the same extents.</summary>
    /// <param name="take">As for <see cref="HandOn"/>.</param>
    public void Finish(Action<int, Tensor> take)
    {
        HandOn(_length, take);
        _first = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _importance.Dispose();
        _sums.Dispose();
        _weights.Dispose();
    }

    /// <summary>Where planes lie in the ring: how far each piece is from the first one, its place, and its planes, not more than some number.</summary>
    private IEnumerable<(int Offset, int Place, int Count)> Pieces(int first, int count, int most)
    {
        for (int offset = 0, length; offset < count; offset += length)
        {
            int place = (first + offset) % _depth;
            length = Math.Min(most, Math.Min(count - offset, _depth - place));
            yield return (offset, place, length);
        }
    }
}
