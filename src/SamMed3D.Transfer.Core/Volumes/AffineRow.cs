namespace SamMed3D.Transfer;

/// <summary>One row of an <see cref="Affine"/>: I * i + J * j + K * k + Offset.</summary>
public readonly record struct AffineRow(double I, double J, double K, double Offset)
{
    /// <summary>An element, 0 to 3.</summary>
    public double this[int column] => column switch
    {
        0 => I,
        1 => J,
        2 => K,
        3 => Offset,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "Columns are 0 to 3."),
    };

    /// <summary>The value at a point.</summary>
    public double Apply(Double3 point) => I * point.X + J * point.Y + K * point.Z + Offset;

    internal AffineRow After(Affine inner) => new(
        I * inner.X.I + J * inner.Y.I + K * inner.Z.I,
        I * inner.X.J + J * inner.Y.J + K * inner.Z.J,
        I * inner.X.K + J * inner.Y.K + K * inner.Z.K,
        Apply(inner.Origin));
}
