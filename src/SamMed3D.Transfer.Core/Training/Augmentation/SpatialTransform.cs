using System.Buffers;

namespace SamMed3D.Transfer;

/// <summary>
/// Rotation, scaling and bending of one patch as a single map, so that the image is interpolated once. The image is taken linearly between voxels,
/// labels from the nearest voxel. It tells which box of the case it looks at, so that what turns into the patch is image and not padding.
/// </summary>
internal sealed class SpatialTransform
{
    private readonly Size3 _size;
    private readonly double[] _matrix; // Row by row: voxels from the middle of the patch to voxels from the same place in the case.
    private readonly DisplacementField? _field;

    private SpatialTransform(Size3 size, double[] matrix, DisplacementField? field)
    {
        _size = size;
        _matrix = matrix;
        _field = field;
        Span<int> begin = stackalloc int[3], end = stackalloc int[3];
        for (var axis = 0; axis < 3; axis++)
        {
            double reach = field?.Largest[axis] ?? 0;
            for (var other = 0; other < 3; other++)
                reach += Math.Abs(matrix[3 * axis + other]) * (size[other] - 1) / 2.0;
            double middle = (size[axis] - 1) / 2.0;
            // One voxel more than the last place has below it, to interpolate with; a little beyond for rounding.
            begin[axis] = (int)Math.Floor(middle - reach - 1e-3);
            end[axis] = (int)Math.Floor(middle + reach + 1e-3) + 2;
        }

        Begin = new(begin[0], begin[1], begin[2]);
        BoxSize = new(end[0] - begin[0], end[1] - begin[1], end[2] - begin[2]);
    }

    /// <summary>First voxel of the box that is looked at, counted from the first voxel of the patch.</summary>
    public VoxelIndex Begin { get; }

    /// <summary>Extents of that box.</summary>
    public Size3 BoxSize { get; }

    /// <summary>Draws which of the three happen, and how; null where none does.</summary>
    /// <param name="options">Which there are.</param>
    /// <param name="size">Extents of the patch.</param>
    /// <param name="spacing">In mm.</param>
    /// <param name="random">Where chance comes from.</param>
    public static SpatialTransform? Draw(AugmentationOptions options, Size3 size, Double3 spacing, RandomStream random)
    {
        bool turns = random.Uniform() < options.Rotation?.Probability, scales = random.Uniform() < options.Scaling?.Probability;
        bool bends = random.Uniform() < options.Elastic?.Probability;
        if (!turns && !scales && !bends)
            return null;
        double[] rotation = turns ? options.Rotation!.Draw(random) : [1, 0, 0, 0, 1, 0, 0, 0, 1];
        var factor = scales ? options.Scaling!.Draw(random) : 1;
        return Of(size, spacing, rotation, factor, bends ? options.Elastic!.Draw(size, spacing, random) : null);
    }

    /// <summary>A given map: voxels of the patch to mm, unscaled, turned, and back to voxels of the case.</summary>
    public static SpatialTransform Of(Size3 size, Double3 spacing, double[] rotation, Double3 factor, DisplacementField? field = null) =>
        new(size, [.. rotation.Select((element, i) => element * (spacing[i % 3] / spacing[i / 3] / factor[i % 3]))], field);

    /// <summary>The image of the patch, linearly.</summary>
    /// <param name="box">[C, X, Y, Z] of <see cref="BoxSize"/>.</param>
    /// <param name="patch">[C, X, Y, Z], to be filled.</param>
    public void Image(ReadOnlySpan<float> box, Span<float> patch)
    {
        int boxCount = (int)BoxSize.Count, count = (int)_size.Count, stepX = BoxSize.Y * BoxSize.Z, stepY = BoxSize.Z;
        float[] rented = ArrayPool<float>.Shared.Rent(3 * _size.Z);
        Span<float> atX = rented.AsSpan(0, _size.Z), atY = rented.AsSpan(_size.Z, _size.Z), atZ = rented.AsSpan(2 * _size.Z, _size.Z);
        for (int x = 0, voxel = 0; x < _size.X; x++)
            for (var y = 0; y < _size.Y; y++)
            {
                Line(x, y, atX, atY, atZ);
                for (var z = 0; z < atX.Length; z++, voxel++)
                {
                    int i = (int)atX[z], j = (int)atY[z], k = (int)atZ[z], start = i * stepX + j * stepY + k;
                    float wx = atX[z] - i, wy = atY[z] - j, wz = atZ[z] - k;
                    for (int from = start, to = voxel; to < patch.Length; from += boxCount, to += count)
                    {
                        var near = box[from..];
                        float low = Between(Between(near[0], near[1], wz), Between(near[stepY], near[stepY + 1], wz), wy);
                        float high = Between(Between(near[stepX], near[stepX + 1], wz), Between(near[stepX + stepY], near[stepX + stepY + 1], wz), wy);
                        patch[to] = Between(low, high, wx);
                    }
                }
            }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>The labels of the patch, each from the nearest voxel.</summary>
    /// <param name="box">[X, Y, Z] of <see cref="BoxSize"/>.</param>
    /// <param name="patch">[X, Y, Z], to be filled.</param>
    public void Labels<T>(ReadOnlySpan<T> box, Span<T> patch)
    {
        int stepX = BoxSize.Y * BoxSize.Z, stepY = BoxSize.Z;
        float[] rented = ArrayPool<float>.Shared.Rent(3 * _size.Z);
        Span<float> atX = rented.AsSpan(0, _size.Z), atY = rented.AsSpan(_size.Z, _size.Z), atZ = rented.AsSpan(2 * _size.Z, _size.Z);
        for (int x = 0, voxel = 0; x < _size.X; x++)
            for (var y = 0; y < _size.Y; y++)
            {
                Line(x, y, atX, atY, atZ);
                for (var z = 0; z < atX.Length; z++, voxel++)
                    patch[voxel] = box[(int)(atX[z] + 0.5f) * stepX + (int)(atY[z] + 0.5f) * stepY + (int)(atZ[z] + 0.5f)];
            }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Where in the box the voxels of a line come from; never below 0 or above the last voxel but one.</summary>
    private void Line(int x, int y, Span<float> atX, Span<float> atY, Span<float> atZ)
    {
        double dx = x - (_size.X - 1) / 2.0, dy = y - (_size.Y - 1) / 2.0, dz = -(_size.Z - 1) / 2.0;
        Along(0, Begin.X, atX);
        Along(1, Begin.Y, atY);
        Along(2, Begin.Z, atZ);
        _field?.AddTo(x, y, atX, atY, atZ);

        void Along(int axis, int begin, Span<float> at)
        {
            double step = _matrix[3 * axis + 2];
            double first = (_size[axis] - 1) / 2.0 - begin + _matrix[3 * axis] * dx + _matrix[3 * axis + 1] * dy + step * dz;
            for (var z = 0; z < at.Length; z++)
                at[z] = (float)(first + z * step);
        }
    }

    private static float Between(float low, float high, float share) => low + share * (high - low);
}
