namespace SamMed3D.Transfer;

/// <summary>
/// Which way the voxel axes run, to the nearest anatomical direction: "LPS" says that the first index grows to the left, the second
/// to the back (posterior), the third to the head (superior).
/// </summary>
public readonly record struct Orientation
{
    private const string Positive = "RAS";
    private const string Negative = "LPI";
    private readonly string? _code;

    private Orientation(string code) => _code = code;

    /// <summary>RAS, the canonical order of all model tensors.</summary>
    public static Orientation Canonical { get; } = new(Positive);

    /// <summary>Three letters, such as "LPS".</summary>
    public string Code => _code ?? Positive;

    /// <summary>Reads a code such as "LPS".</summary>
    /// <exception cref="ArgumentException">It is not one letter each of R/L, A/P and S/I.</exception>
    public static Orientation Parse(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        string upper = code.ToUpperInvariant();
        int seen = 0;
        foreach (char letter in upper)
        {
            int axis = Math.Max(Positive.IndexOf(letter), Negative.IndexOf(letter));
            if (axis >= 0)
                seen |= 1 << axis;
        }
        return upper.Length == 3 && seen == 7
            ? new Orientation(upper)
            : throw new ArgumentException($"Expected an orientation such as RAS or LPS, got \"{code}\".", nameof(code));
    }

    /// <summary>
    /// The orientation nearest to the axes of an affine: the first voxel axis gets the world axis it is closest to, the second the
    /// closer one of those left, as in nibabel's <c>io_orientation</c> (so that oblique volumes fall the same way).
    /// </summary>
    public static Orientation Of(Affine affine)
    {
        double[,] directions = NearestRotation(affine);
        Span<char> code = stackalloc char[3];
        Span<bool> isTaken = stackalloc bool[3];
        for (int axis = 0; axis < 3; axis++)
        {
            int nearest = -1;
            for (int world = 0; world < 3; world++)
                if (!isTaken[world] && (nearest < 0 || Math.Abs(directions[world, axis]) > Math.Abs(directions[nearest, axis])))
                    nearest = world;
            isTaken[nearest] = true;
            code[axis] = (directions[nearest, axis] > 0 ? Positive : Negative)[nearest];
        }
        return new Orientation(new string(code));
    }

    /// <summary>The world axis, 0 to 2, that a voxel axis follows.</summary>
    public int WorldAxis(int axis) => Math.Max(Positive.IndexOf(Code[axis]), Negative.IndexOf(Code[axis]));

    /// <summary>Whether a voxel axis runs against its world axis (to the left, to the back, to the feet).</summary>
    public bool IsReversed(int axis) => Negative.Contains(Code[axis], StringComparison.Ordinal);

    /// <summary>The code.</summary>
    public override string ToString() => Code;

    /// <summary>
    /// The rotation (or mirrored rotation) nearest to the unit columns, so that shear does not sway the choice:
    /// Newton's iteration for the polar decomposition, R := (R + R^-T) / 2, which converges quadratically.
    /// </summary>
    private static double[,] NearestRotation(Affine affine)
    {
        Double3 scale = new(1 / affine.ColumnNorm(0), 1 / affine.ColumnNorm(1), 1 / affine.ColumnNorm(2));
        Affine rotation = affine.After(Affine.Scaling(scale));
        var result = new double[3, 3];
        for (int round = 0; round < 64; round++)
        {
            Affine inverse = rotation.Inverse();
            double change = 0;
            for (int row = 0; row < 3; row++)
                for (int column = 0; column < 3; column++)
                {
                    result[row, column] = (rotation[row, column] + inverse[column, row]) / 2;
                    change = Math.Max(change, Math.Abs(result[row, column] - rotation[row, column]));
                }
            if (change < 1e-12)
                break;
            rotation = new Affine(
                new(result[0, 0], result[0, 1], result[0, 2], 0),
                new(result[1, 0], result[1, 1], result[1, 2], 0),
                new(result[2, 0], result[2, 1], result[2, 2], 0));
        }
        return result;
    }
}
