namespace SamMed3D.Transfer;

/// <summary>Three extents along the axes X, Y, Z (which the SAM-Med3D code calls D, H, W): voxels of a volume, or tokens of a grid.</summary>
public readonly record struct Size3(int X, int Y, int Z)
{
    /// <summary>Number of cells.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>Whether all three extents are equal.</summary>
    public bool IsCubic => X == Y && Y == Z;

    /// <summary>The extent along an axis, 0 to 2.</summary>
    public int this[int axis] => axis switch
    {
        0 => X,
        1 => Y,
        2 => Z,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "Axes are 0, 1 and 2."),
    };

    /// <summary>A cube.</summary>
    public static implicit operator Size3(int edge) => new(edge, edge, edge);

    /// <summary>A cube.</summary>
    public static Size3 FromInt32(int edge) => edge;

    /// <summary>The extents as an array, X first.</summary>
    public long[] ToArray() => [X, Y, Z];

    /// <summary>Such as "48x64x48".</summary>
    public override string ToString() => $"{X}x{Y}x{Z}";
}
