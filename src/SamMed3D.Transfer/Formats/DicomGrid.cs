namespace SamMed3D.Transfer;

/// <summary>Puts the slices of a DICOM series in order and refuses those that do not make one even volume.</summary>
internal static class DicomGrid
{
    /// <summary>Slices and rows may be off their even places by this part of a voxel: headers are written with few digits.</summary>
    private const double Tolerance = 0.1;

    /// <summary>The slices along their normal, and the grid, RAS+.</summary>
    /// <param name="path">The file or folder, for messages.</param>
    /// <param name="frames">All slices.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="thickness">Spacing of a single slice.</param>
    /// <exception cref="InvalidDataException">They are not one volume; the message has the path and the reason.</exception>
    public static (IReadOnlyList<DicomFrame> Frames, Geometry Geometry) Arrange(
        string path, IReadOnlyList<DicomFrame> frames, (int Rows, int Columns) size, double? thickness)
    {
        if (frames.FirstOrDefault(frame => frame.Position is null || frame.Orientation is null) is { } lost)
            throw BrokenFile.Because(path, $"{Path.GetFileName(lost.Path)} has a slice without place in the patient (ImagePositionPatient, ImageOrientationPatient)");
        double[] orientation = frames[0].Orientation!;
        double[] spacing = frames[0].Spacing ?? throw BrokenFile.Because(path, $"{Path.GetFileName(frames[0].Path)} has no PixelSpacing");
        foreach (DicomFrame frame in frames)
        {
            if (!Near(frame.Orientation!, orientation, 1e-3))
                throw BrokenFile.Because(path, $"the slices of the series lie in different directions ({Names(frames[0], frame)}), as those of a localizer do");
            if (frame.Spacing is null || !Near(frame.Spacing, spacing, 1e-3 * spacing.Max()))
                throw BrokenFile.Because(path, $"the slices of the series have different pixel spacings ({Names(frames[0], frame)})");
        }
        double[] row = orientation[..3], column = orientation[3..];
        double[] normal = [row[1] * column[2] - row[2] * column[1], row[2] * column[0] - row[0] * column[2], row[0] * column[1] - row[1] * column[0]];
        DicomFrame[] sorted = [.. frames.OrderBy(frame => Dot(frame.Position!, normal))];
        double step = sorted.Length == 1 ? thickness is > 0 ? thickness.Value : 1 : EvenStep(path, sorted, normal, spacing.Min());
        double[] origin = sorted[0].Position!;
        var affine = new Affine(Row(0, -1), Row(1, -1), Row(2, 1));
        try
        {
            return (sorted, new Geometry(new(size.Columns, size.Rows, sorted.Length), affine));
        }
        catch (ArgumentException error)
        {
            throw BrokenFile.Because(path, error.Message, error);
        }

        AffineRow Row(int world, int sign) =>
            new(sign * row[world] * spacing[1], sign * column[world] * spacing[0], sign * normal[world] * step, sign * origin[world]);
    }

    private static double EvenStep(string path, DicomFrame[] sorted, double[] normal, double pixel)
    {
        double first = Dot(sorted[0].Position!, normal), last = Dot(sorted[^1].Position!, normal), step = (last - first) / (sorted.Length - 1);
        double[] gaps = [.. sorted.Zip(sorted.Skip(1), (a, b) => Dot(b.Position!, normal) - Dot(a.Position!, normal))];
        double usual = gaps.Order().ElementAt(gaps.Length / 2), least = gaps.Min(), most = gaps.Max();
        int small = Array.IndexOf(gaps, least), large = Array.IndexOf(gaps, most);
        if (!(least > 1e-3))
            throw BrokenFile.Because(path, FormattableString.Invariant(
                $"several slices of the series lie at the same place ({Names(sorted[small], sorted[small + 1])}): repeated files, or several times, echoes or directions; keep one of them"));
        for (int index = 0; index < sorted.Length; index++)
        {
            double along = Dot(sorted[index].Position!, normal);
            if (Math.Abs(along - first - index * step) > Tolerance * Math.Min(step, usual))
                throw BrokenFile.Because(path, most > 1.5 * usual
                    ? FormattableString.Invariant($"slices of the series are missing: {most:0.###} mm between {Names(sorted[large], sorted[large + 1])}, {usual:0.###} mm elsewhere")
                    : FormattableString.Invariant($"the slices of the series are unevenly spaced: {least:0.###} to {most:0.###} mm"));
            double[] aside = [.. Enumerable.Range(0, 3).Select(axis => sorted[index].Position![axis] - sorted[0].Position![axis] - (along - first) * normal[axis])];
            if (Math.Sqrt(Dot(aside, aside)) > Math.Max(Tolerance * pixel, 1e-3))
                throw BrokenFile.Because(path, FormattableString.Invariant(
                    $"the slices of the series are shifted against each other, by {Math.Sqrt(Dot(aside, aside)):0.###} mm at {Path.GetFileName(sorted[index].Path)} (a tilted gantry?); resample it to a straight volume, as dcm2niix does"));
        }
        return step;
    }

    private static string Names(DicomFrame a, DicomFrame b) => a.Path == b.Path
        ? $"frames of {Path.GetFileName(a.Path)}" : $"{Path.GetFileName(a.Path)} and {Path.GetFileName(b.Path)}";

    private static double Dot(double[] a, double[] b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

    private static bool Near(double[] a, double[] b, double tolerance) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max() <= tolerance;
}
