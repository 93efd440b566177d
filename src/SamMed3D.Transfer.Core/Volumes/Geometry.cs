namespace SamMed3D.Transfer;

/// <summary>The grid of a volume: how many voxels, and where in mm (RAS+) each of them is. Immutable.</summary>
public sealed record Geometry
{
    /// <summary>Describes a grid.</summary>
    /// <param name="size">Voxels along X, Y, Z.</param>
    /// <param name="affine">Voxel index to mm, RAS+.</param>
    /// <exception cref="ArgumentException">A size below 1, or an affine that is not finite or is singular.</exception>
    public Geometry(Size3 size, Affine affine)
    {
        // No parameter names in these messages: readers of files pass them on to people.
        if (size.X < 1 || size.Y < 1 || size.Z < 1)
            throw new ArgumentException($"Expected at least one voxel on each axis, got {size}.");
        if (!affine.IsFinite())
            throw new ArgumentException("The affine is not finite; expected 12 finite numbers.");
        Spacing = new(affine.ColumnNorm(0), affine.ColumnNorm(1), affine.ColumnNorm(2));
        double volume = Spacing.X * Spacing.Y * Spacing.Z;
        if (!double.IsFinite(volume) || !(Math.Abs(affine.Determinant) > 1e-6 * volume))
            throw new ArgumentException($"The affine is singular (spacing {Spacing} mm): its voxel axes do not span space.");
        Size = size;
        Affine = affine;
        Orientation = Orientation.Of(affine);
    }

    /// <summary>Voxels along X, Y, Z.</summary>
    public Size3 Size { get; }

    /// <summary>Voxel index to mm, RAS+; the index of a voxel is that of its centre.</summary>
    public Affine Affine { get; }

    /// <summary>Distance of neighbouring voxels along each axis, in mm.</summary>
    public Double3 Spacing { get; }

    /// <summary>Which way the voxel axes run.</summary>
    public Orientation Orientation { get; }

    /// <summary>A RAS+ grid whose first voxel is at the origin.</summary>
    /// <param name="size">Voxels along X, Y, Z.</param>
    /// <param name="spacing">In mm, above 0.</param>
    /// <exception cref="ArgumentException">A size below 1 or a spacing that is not above 0.</exception>
    public static Geometry Create(Size3 size, Double3 spacing) =>
        spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0
            ? new Geometry(size, Affine.Scaling(spacing))
            : throw new ArgumentException($"Expected a spacing above 0 mm, got {spacing}.");

    /// <summary>The place in mm of a voxel index, which need not be whole.</summary>
    public Double3 ToWorld(Double3 index) => Affine.Apply(index);

    /// <summary>The voxel index, usually not whole, of a place in mm.</summary>
    public Double3 ToIndex(Double3 position) => Affine.Inverse().Apply(position);

    /// <summary>Whether the other grid has the same size and its voxels at the same places.</summary>
    /// <param name="other">The grid to compare.</param>
    /// <param name="tolerance">
    /// Largest distance of corresponding voxels that passes, in mm; a tenth of the smallest spacing if none is given: headers are written with few
    /// digits (a NIfTI qform in float32 turns a grid by up to 0.0006), which moves no voxel to another.
    /// </param>
    public bool Matches(Geometry other, double? tolerance = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        double largest = tolerance ?? Math.Min(Spacing.X, Math.Min(Spacing.Y, Spacing.Z)) / 10;
        return Size == other.Size && Affine.LargestDistance(other.Affine, new(Size.X - 1, Size.Y - 1, Size.Z - 1)) <= largest;
    }

    /// <summary>Such as "122x101x112, 3x3x3 mm, RAS from (-178, 11.3, 94.3)".</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Size}, {Spacing} mm, {Orientation} from ({Affine.Origin.X:G6}, {Affine.Origin.Y:G6}, {Affine.Origin.Z:G6})");
}
