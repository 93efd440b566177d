namespace SamMed3D.Transfer;

/// <summary>
/// Changes the spacing of a volume as torchio's and ITK's resampling do: the outer corner of the first voxel stays where it is and all
/// rounding ends up at the far end. Images are interpolated linearly without smoothing, labels take the nearest voxel; what lies outside
/// the source is 0. For any other grid see <see cref="GridResampler"/>.
/// </summary>
public static class Resampler
{
    /// <summary>The grid that a change of spacing leads to: ceil(n * s / t) voxels, but an axis of one voxel keeps it.</summary>
    /// <param name="source">The grid.</param>
    /// <param name="spacing">The new spacing t, in mm, above 0.</param>
    /// <exception cref="ArgumentException">A spacing that is not above 0.</exception>
    public static Geometry GridFor(Geometry source, Double3 spacing)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!(spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0) || !double.IsFinite(spacing.X + spacing.Y + spacing.Z))
            throw new ArgumentException($"Expected a spacing above 0 mm, got {spacing}.", nameof(spacing));
        if (HasSpacing(source, spacing))
            return source;
        Double3 step = Step(source, spacing);
        Affine toSource = Affine.Translation(new(Start(step.X), Start(step.Y), Start(step.Z))).After(Affine.Scaling(step));
        return new Geometry(new(Extent(0), Extent(1), Extent(2)), source.Affine.After(toSource));

        int Extent(int axis) => source.Size[axis] == 1
            ? 1
            : checked((int)Math.Ceiling(source.Size[axis] * source.Spacing[axis] / spacing[axis]));
        static double Start(double step) => 0.5 * (step - 1);
    }

    /// <summary>An image with another spacing, interpolated linearly; a new volume (a copy if the spacing is already right).</summary>
    /// <param name="volume">The image.</param>
    /// <param name="spacing">In mm, above 0.</param>
    /// <exception cref="ArgumentException">A spacing that is not above 0.</exception>
    public static Volume ToSpacing(Volume volume, Double3 spacing)
    {
        ArgumentNullException.ThrowIfNull(volume);
        Geometry target = GridFor(volume.Geometry, spacing);
        if (target == volume.Geometry)
            return new Volume(volume.Values.clone(), target);
        (LinearAxis X, LinearAxis Y, LinearAxis Z) axes = (Axis(0), Axis(1), Axis(2));
        var result = new Volume(zeros([volume.Channels, .. target.Size.ToArray()], ScalarType.Float32), target);
        for (int channel = 0; channel < volume.Channels; channel++)
            Interpolate(volume.Voxels(channel), volume.Geometry.Size, result.Voxels(channel), target.Size, axes);
        return result;

        LinearAxis Axis(int axis) => new(volume.Geometry.Size[axis], target.Size[axis], Step(volume.Geometry, spacing)[axis]);
    }

    /// <summary>Labels with another spacing, from the nearest voxel; a new volume (a copy if the spacing is already right).</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="spacing">In mm, above 0.</param>
    /// <exception cref="ArgumentException">A spacing that is not above 0.</exception>
    public static LabelVolume ToSpacing(LabelVolume labels, Double3 spacing)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Geometry target = GridFor(labels.Geometry, spacing);
        if (target == labels.Geometry)
            return new LabelVolume(labels.Values.clone(), target);
        int[] nearestX = Axis(0), nearestY = Axis(1), nearestZ = Axis(2);
        var result = new LabelVolume(zeros(target.Size.ToArray(), ScalarType.Int32), target);
        Size3 size = labels.Geometry.Size;
        ReadOnlySpan<int> from = labels.Voxels();
        Span<int> to = result.Voxels();
        for (int x = 0, voxel = 0; x < nearestX.Length; x++)
            for (int y = 0; y < nearestY.Length; y++)
            {
                int line = (nearestX[x] * size.Y + nearestY[y]) * size.Z;
                bool isInside = nearestX[x] >= 0 && nearestY[y] >= 0;
                for (int z = 0; z < nearestZ.Length; z++, voxel++)
                    if (isInside && nearestZ[z] >= 0)
                        to[voxel] = from[line + nearestZ[z]];
            }
        return result;

        int[] Axis(int axis) => LinearAxis.Nearest(labels.Geometry.Size[axis], target.Size[axis], Step(labels.Geometry, spacing)[axis]);
    }

    private static Double3 Step(Geometry source, Double3 spacing) =>
        new(spacing.X / source.Spacing.X, spacing.Y / source.Spacing.Y, spacing.Z / source.Spacing.Z);

    /// <summary>Headers store float32, so that an oblique 1.5 mm reads as 1.4999999; that is no reason to interpolate.</summary>
    private static bool HasSpacing(Geometry source, Double3 spacing)
    {
        Double3 step = Step(source, spacing);
        return Math.Abs(step.X - 1) < 1e-6 && Math.Abs(step.Y - 1) < 1e-6 && Math.Abs(step.Z - 1) < 1e-6;
    }

    /// <summary>First the four lines along Z around a new line become one, then that one is interpolated along Z.</summary>
    private static void Interpolate(
        ReadOnlySpan<float> from, Size3 size, Span<float> to, Size3 target, (LinearAxis X, LinearAxis Y, LinearAxis Z) axes)
    {
        var blended = new double[size.Z];
        for (int x = 0; x < target.X; x++)
            for (int y = 0; y < target.Y; y++)
            {
                if (!axes.X.IsInside(x) || !axes.Y.IsInside(y))
                    continue;
                (double right, double front) = (axes.X.Weight(x), axes.Y.Weight(y));
                ReadOnlySpan<float> a = Line(from, axes.X.Low(x), axes.Y.Low(y)), b = Line(from, axes.X.Low(x), axes.Y.High(y));
                ReadOnlySpan<float> c = Line(from, axes.X.High(x), axes.Y.Low(y)), d = Line(from, axes.X.High(x), axes.Y.High(y));
                for (int z = 0; z < blended.Length; z++)
                    blended[z] = (1 - right) * ((1 - front) * a[z] + front * b[z]) + right * ((1 - front) * c[z] + front * d[z]);
                Span<float> line = to.Slice((x * target.Y + y) * target.Z, target.Z);
                for (int z = 0; z < line.Length; z++)
                    if (axes.Z.IsInside(z))
                        line[z] = (float)((1 - axes.Z.Weight(z)) * blended[axes.Z.Low(z)] + axes.Z.Weight(z) * blended[axes.Z.High(z)]);
            }

        ReadOnlySpan<float> Line(ReadOnlySpan<float> voxels, int x, int y) => voxels.Slice((x * size.Y + y) * size.Z, size.Z);
    }
}
