namespace SamMed3D.Transfer;

/// <summary>NIfTI's ways to say where voxels are, apart from the plain matrix (sform).</summary>
internal static class NiftiAffine
{
    /// <summary>Spacing of the three spatial axes. Axes that the image does not have, and that say nothing useful, count as 1 mm.</summary>
    public static Double3 Spacing(int axes, IReadOnlyList<double> pixdim)
    {
        return new(Along(1), Along(2), Along(3));

        double Along(int axis)
        {
            double value = Math.Abs(pixdim[axis]);
            return axis > axes && !(value > 0 && double.IsFinite(value)) ? 1 : value;
        }
    }

    /// <summary>The qform: a unit quaternion whose first part is left out, spacings, and a possibly reversed third axis.</summary>
    public static Affine FromQuaternion(Double3 vector, Double3 offset, Double3 spacing, bool isReversed)
    {
        (double b, double c, double d) = vector;
        double squared = b * b + c * c + d * d;
        double a = 0;
        if (squared > 1)
        {
            double norm = Math.Sqrt(squared);
            (b, c, d) = (b / norm, c / norm, d / norm);
        }
        else
            a = Math.Sqrt(1 - squared);
        double third = isReversed ? -spacing.Z : spacing.Z;
        return new(
            new((a * a + b * b - c * c - d * d) * spacing.X, 2 * (b * c - a * d) * spacing.Y, 2 * (b * d + a * c) * third, offset.X),
            new(2 * (b * c + a * d) * spacing.X, (a * a + c * c - b * b - d * d) * spacing.Y, 2 * (c * d - a * b) * third, offset.Y),
            new(2 * (b * d - a * c) * spacing.X, 2 * (c * d + a * b) * spacing.Y, (a * a + d * d - b * b - c * c) * third, offset.Z));
    }

    /// <summary>Neither form: the first axis runs to the left and the volume's centre is the origin, as nibabel assumes.</summary>
    public static Affine AroundCentre(IReadOnlyList<long> shape, Double3 spacing)
    {
        var steps = new Double3(-spacing.X, spacing.Y, spacing.Z);
        var centre = new Double3(Half(0), Half(1), Half(2));
        return Affine.Scaling(steps).After(Affine.Translation(new(-centre.X, -centre.Y, -centre.Z)));

        double Half(int axis) => axis < shape.Count ? (shape[axis] - 1) / 2.0 : 0;
    }

    /// <summary>The quaternion parts b, c, d and the reversal of an affine, or nothing when its axes are not at right angles.</summary>
    public static (Double3 Vector, bool IsReversed)? ToQuaternion(Geometry geometry)
    {
        Affine unit = geometry.Affine.After(
            Affine.Scaling(new(1 / geometry.Spacing.X, 1 / geometry.Spacing.Y, 1 / geometry.Spacing.Z)));
        for (int axis = 0; axis < 3; axis++)
        {
            int next = (axis + 1) % 3;
            if (Math.Abs(unit[0, axis] * unit[0, next] + unit[1, axis] * unit[1, next] + unit[2, axis] * unit[2, next]) > 1e-5)
                return null;
        }
        bool isReversed = unit.Determinant < 0;
        double sign = isReversed ? -1 : 1;
        (double xx, double xy, double xz) = (unit[0, 0], unit[0, 1], unit[0, 2] * sign);
        (double yx, double yy, double yz) = (unit[1, 0], unit[1, 1], unit[1, 2] * sign);
        (double zx, double zy, double zz) = (unit[2, 0], unit[2, 1], unit[2, 2] * sign);

        // Each squared part from the diagonal; the largest one decides the signs of the others without loss.
        double a = Root(1 + xx + yy + zz), b = Root(1 + xx - yy - zz), c = Root(1 - xx + yy - zz), d = Root(1 - xx - yy + zz);
        double largest = Math.Max(Math.Max(a, b), Math.Max(c, d));
        Double3 vector = largest == a ? new((zy - yz) / (4 * a), (xz - zx) / (4 * a), (yx - xy) / (4 * a))
            : largest == b ? Positive((zy - yz) / (4 * b), b, (yx + xy) / (4 * b), (xz + zx) / (4 * b))
            : largest == c ? Positive((xz - zx) / (4 * c), (yx + xy) / (4 * c), c, (zy + yz) / (4 * c))
            : Positive((yx - xy) / (4 * d), (xz + zx) / (4 * d), (zy + yz) / (4 * d), d);
        return (vector, isReversed);

        static double Root(double fourSquared) => Math.Sqrt(Math.Max(0, fourSquared)) / 2;

        // The part that NIfTI leaves out counts as positive.
        static Double3 Positive(double a, double b, double c, double d) => a < 0 ? new(-b, -c, -d) : new(b, c, d);
    }
}
