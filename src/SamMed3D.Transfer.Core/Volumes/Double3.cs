namespace SamMed3D.Transfer;

/// <summary>Three real numbers along the axes X, Y, Z: a spacing or a position, in mm or in voxels.</summary>
public readonly record struct Double3(double X, double Y, double Z)
{
    /// <summary>The number along an axis, 0 to 2.</summary>
    public double this[int axis] => axis switch
    {
        0 => X,
        1 => Y,
        2 => Z,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "Axes are 0, 1 and 2."),
    };

    /// <summary>The same number on each axis.</summary>
    public static implicit operator Double3(double value) => new(value, value, value);

    /// <summary>The same number on each axis.</summary>
    public static Double3 FromDouble(double value) => value;

    /// <summary>Such as "1.5x1.5x3".</summary>
    public override string ToString() => FormattableString.Invariant($"{X:G7}x{Y:G7}x{Z:G7}");
}
