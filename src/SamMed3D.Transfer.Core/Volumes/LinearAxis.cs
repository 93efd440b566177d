namespace SamMed3D.Transfer;

/// <summary>
/// Where the voxels of a resampled axis fall on the source axis: new voxel j sits at x = (j + 0.5) * step - 0.5, which is inside when
/// -0.5 &lt;= x &lt; n - 0.5; between the last centre and the border the edge value counts.
/// </summary>
internal readonly struct LinearAxis
{
    private readonly int[] _low;
    private readonly double[] _weight;
    private readonly int _last;

    public LinearAxis(int size, int targetSize, double step)
    {
        _last = size - 1;
        _low = new int[targetSize];
        _weight = new double[targetSize];
        for (int j = 0; j < targetSize; j++)
        {
            double x = Position(j, step);
            bool isInside = x >= -0.5 && x < size - 0.5;
            double clamped = Math.Clamp(x, 0, _last);
            _low[j] = isInside ? Math.Min((int)clamped, Math.Max(0, _last - 1)) : -1;
            _weight[j] = isInside ? clamped - _low[j] : 0;
        }
    }

    public bool IsInside(int j) => _low[j] >= 0;

    public int Low(int j) => _low[j];

    public int High(int j) => Math.Min(_low[j] + 1, _last);

    /// <summary>Share of <see cref="High"/>; the rest is <see cref="Low"/>'s.</summary>
    public double Weight(int j) => _weight[j];

    /// <summary>For each new voxel the nearest source voxel, -1 outside.</summary>
    public static int[] Nearest(int size, int targetSize, double step)
    {
        var nearest = new int[targetSize];
        for (int j = 0; j < targetSize; j++)
        {
            double x = Position(j, step);
            nearest[j] = x >= -0.5 && x < size - 0.5 ? (int)Math.Floor(x + 0.5) : -1;
        }
        return nearest;
    }

    private static double Position(int j, double step) => (j + 0.5) * step - 0.5;
}
