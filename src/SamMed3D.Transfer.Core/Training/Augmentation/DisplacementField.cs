namespace SamMed3D.Transfer;

/// <summary>Displacements of the voxels of a patch, in voxels, from a grid of control points by cubic B-splines.</summary>
internal sealed class DisplacementField
{
    private const int Taps = 4;

    private readonly Size3 _grid;
    private readonly float[] _moves; // [X, Y, Z, 3], in voxels.
    private readonly (int First, float[] Weights)[][] _along = new (int, float[])[3][];
    private readonly float[] _line;

    public DisplacementField(Size3 size, Double3 spacing, double controlSpacing, double largest, RandomStream random)
    {
        int Points(int axis) => (int)Math.Floor((size[axis] - 1) * spacing[axis] / controlSpacing) + Taps;
        _grid = new(Points(0), Points(1), Points(2));
        _moves = new float[3 * _grid.Count];
        Largest = new(largest / spacing.X, largest / spacing.Y, largest / spacing.Z);
        for (var i = 0; i < _moves.Length; i++)
            _moves[i] = (float)(random.Uniform(-1, 1) * Largest[i % 3]);
        for (var axis = 0; axis < 3; axis++)
            _along[axis] = [.. Enumerable.Range(0, size[axis]).Select(voxel => Spline(voxel * spacing[axis] / controlSpacing))];
        _line = new float[3 * _grid.Z];
    }

    /// <summary>No voxel is moved further along X, Y, Z than this: B-splines give weighted means.</summary>
    public Double3 Largest { get; }

    /// <summary>Adds the displacements of the voxels of one line to their places.</summary>
    public void AddTo(int x, int y, Span<float> atX, Span<float> atY, Span<float> atZ)
    {
        var (firstX, weightsX) = _along[0][x];
        var (firstY, weightsY) = _along[1][y];
        var line = _line.AsSpan();
        line.Clear();
        for (var i = 0; i < Taps; i++)
            for (var j = 0; j < Taps; j++)
            {
                float weight = weightsX[i] * weightsY[j];
                var moves = _moves.AsSpan(((firstX + i) * _grid.Y + firstY + j) * line.Length, line.Length);
                for (var k = 0; k < line.Length; k++)
                    line[k] += weight * moves[k];
            }

        for (var z = 0; z < atX.Length; z++)
        {
            var (first, weights) = _along[2][z];
            for (var k = 0; k < Taps; k++)
            {
                int at = 3 * (first + k);
                atX[z] += weights[k] * line[at];
                atY[z] += weights[k] * line[at + 1];
                atZ[z] += weights[k] * line[at + 2];
            }
        }
    }

    /// <summary>The first of the four control points around a place (in control points), and their shares.</summary>
    private static (int First, float[] Weights) Spline(double place)
    {
        int first = (int)Math.Floor(place);
        double t = place - first;
        return (first,
        [
            (float)((1 - t) * (1 - t) * (1 - t) / 6), (float)((3 * t * t * t - 6 * t * t + 4) / 6),
            (float)((-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6), (float)(t * t * t / 6),
        ]);
    }
}
