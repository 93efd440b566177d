namespace SamMed3D.Transfer;

/// <summary>
/// An affine map of three coordinates, as a 4x4 matrix whose last row is 0 0 0 1. In a <see cref="Geometry"/> it takes a voxel
/// index (of the voxel's centre) to a place in mm, RAS+: x grows to the right, y to the front, z to the head.
/// </summary>
/// <param name="X">The row that gives x: three factors and an offset.</param>
/// <param name="Y">The row that gives y.</param>
/// <param name="Z">The row that gives z.</param>
public readonly record struct Affine(AffineRow X, AffineRow Y, AffineRow Z)
{
    /// <summary>The map that changes nothing.</summary>
    public static Affine Identity { get; } = Scaling(1);

    /// <summary>Determinant of the 3x3 part; negative when the axes are mirrored.</summary>
    public double Determinant =>
        X.I * (Y.J * Z.K - Y.K * Z.J) - X.J * (Y.I * Z.K - Y.K * Z.I) + X.K * (Y.I * Z.J - Y.J * Z.I);

    /// <summary>Where index (0, 0, 0) goes.</summary>
    public Double3 Origin => new(X.Offset, Y.Offset, Z.Offset);

    /// <summary>An element; rows and columns 0 to 3.</summary>
    public double this[int row, int column] => row switch
    {
        0 => X[column],
        1 => Y[column],
        2 => Z[column],
        3 => column == 3 ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(row), row, "Rows are 0 to 3."),
    };

    /// <summary>A map that only scales.</summary>
    public static Affine Scaling(Double3 factors) =>
        new(new(factors.X, 0, 0, 0), new(0, factors.Y, 0, 0), new(0, 0, factors.Z, 0));

    /// <summary>A map that only moves.</summary>
    public static Affine Translation(Double3 offset) =>
        new(new(1, 0, 0, offset.X), new(0, 1, 0, offset.Y), new(0, 0, 1, offset.Z));

    /// <summary>Takes the elements row by row: 12 of them, or 16 with the last row.</summary>
    /// <exception cref="ArgumentException">There are neither 12 nor 16, or the last row is not 0 0 0 1.</exception>
    public static Affine FromRows(IReadOnlyList<double> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        if (elements.Count is not (12 or 16))
            throw new ArgumentException($"Expected 12 or 16 elements of an affine, got {elements.Count}.", nameof(elements));
        if (elements.Count == 16 && !(elements[12] == 0 && elements[13] == 0 && elements[14] == 0 && elements[15] == 1))
            throw new ArgumentException("The last row of an affine must be 0 0 0 1.", nameof(elements));
        return new(Row(0), Row(4), Row(8));

        AffineRow Row(int start) => new(elements[start], elements[start + 1], elements[start + 2], elements[start + 3]);
    }

    /// <summary>The image of a point.</summary>
    public Double3 Apply(Double3 point) => new(X.Apply(point), Y.Apply(point), Z.Apply(point));

    /// <summary>How far apart two maps put a voxel at most, in mm; NaN where one of them is not finite.</summary>
    /// <param name="other">The other map.</param>
    /// <param name="last">The index of the last voxel.</param>
    internal double LargestDistance(Affine other, Double3 last)
    {
        double most = 0;
        // An affine map moves no voxel further than one of the eight corners.
        for (int corner = 0; corner < 8; corner++)
        {
            var voxel = new Double3((corner & 1) == 0 ? 0 : last.X, (corner & 2) == 0 ? 0 : last.Y, (corner & 4) == 0 ? 0 : last.Z);
            Double3 here = Apply(voxel), there = other.Apply(voxel);
            most = Math.Max(most, Math.Sqrt(Math.Pow(here.X - there.X, 2) + Math.Pow(here.Y - there.Y, 2) + Math.Pow(here.Z - there.Z, 2)));
        }
        return most;
    }

    /// <summary>Length of a column of the 3x3 part: the distance in mm of two neighbours along that voxel axis.</summary>
    public double ColumnNorm(int column) =>
        Math.Sqrt(X[column] * X[column] + Y[column] * Y[column] + Z[column] * Z[column]);

    /// <summary>Whether every element is a finite number.</summary>
    public bool IsFinite()
    {
        for (int column = 0; column < 4; column++)
            if (!double.IsFinite(X[column]) || !double.IsFinite(Y[column]) || !double.IsFinite(Z[column]))
                return false;
        return true;
    }

    /// <summary>First <paramref name="inner"/>, then this map.</summary>
    public Affine After(Affine inner) => new(X.After(inner), Y.After(inner), Z.After(inner));

    /// <summary>The map back; meaningless when the determinant is 0, which a <see cref="Geometry"/> excludes.</summary>
    public Affine Inverse()
    {
        double scale = 1 / Determinant;
        var x = new AffineRow((Y.J * Z.K - Y.K * Z.J) * scale, (X.K * Z.J - X.J * Z.K) * scale, (X.J * Y.K - X.K * Y.J) * scale, 0);
        var y = new AffineRow((Y.K * Z.I - Y.I * Z.K) * scale, (X.I * Z.K - X.K * Z.I) * scale, (X.K * Y.I - X.I * Y.K) * scale, 0);
        var z = new AffineRow((Y.I * Z.J - Y.J * Z.I) * scale, (X.J * Z.I - X.I * Z.J) * scale, (X.I * Y.J - X.J * Y.I) * scale, 0);
        return new(
            x with { Offset = -x.Apply(Origin) },
            y with { Offset = -y.Apply(Origin) },
            z with { Offset = -z.Apply(Origin) });
    }

    /// <summary>The 16 elements row by row.</summary>
    public double[] ToArray() =>
        [X.I, X.J, X.K, X.Offset, Y.I, Y.J, Y.K, Y.Offset, Z.I, Z.J, Z.K, Z.Offset, 0, 0, 0, 1];
}
