namespace SamMed3D.Transfer;

/// <summary>Which axes of an NRRD file are of space, and where they lie in mm, RAS+.</summary>
internal static class NrrdGrid
{
    /// <summary>Kinds of axes that hold values of one voxel, or time, rather than places.</summary>
    private static readonly HashSet<string> SpatialKinds = ["domain", "space"];

    private sealed record Frame(int Length, double X, double Y, string Name, bool IsAnatomical);

    /// <summary>Reads axes and affine, and why it is in doubt which way the axes run; null where the header says it.</summary>
    public static (StoredAxes Axes, Affine Affine, string? Doubt) Read(string path, NrrdFields fields, long[] sizes)
    {
        Frame frame = ReadFrame(path, fields);
        string[]? kinds = fields.Words("kinds", sizes.Length);
        if (fields.Vectors("spacedirections", frame.Length) is not { } directions)
        {
            (StoredAxes axes, Affine affine) = FromSpacings(path, fields, sizes, kinds, frame);
            return (axes, affine, frame.Name.Length == 0
                ? "neither space nor space directions say which way the axes run; they are taken to run to the left, the back and the head, as ITK takes them"
                : "no space directions say which way the axes run; they are taken to run along those of the space");
        }

        var (ofSpace, toWorld) = FromDirections(path, fields, sizes, directions, frame);
        return (ofSpace, toWorld, frame.IsAnatomical ? null
            : $"{(frame.Name.Length == 0 ? "no space tells" : $"space {frame.Name} does not tell")} left from right; it is taken for left-posterior-superior, as ITK takes it");
    }

    /// <summary>What the coordinates of the file's space mean. A space without anatomical meaning counts as LPS, as in ITK and hence Slicer.</summary>
    private static Frame ReadFrame(string path, NrrdFields fields)
    {
        string? space = fields.Text("space");
        long? dimension = fields.Number("spacedimension");
        if (space is null)
            return dimension is null or 2 or 3 ? new((int)(dimension ?? 3), -1, -1, "", false)
                : throw BrokenFile.Because(path, $"the space has {dimension} dimensions, expected 2 or 3");
        (string name, int length) = space.ToLowerInvariant() switch
        {
            var text when text.EndsWith("-time", StringComparison.Ordinal) => (text[..^5], 4),
            "rast" or "last" or "lpst" => (space[..3].ToLowerInvariant(), 4),
            var text => (text, 3),
        };
        return name switch
        {
            "right-anterior-superior" or "ras" => new(length, 1, 1, space, true),
            "left-anterior-superior" or "las" => new(length, -1, 1, space, true),
            "left-posterior-superior" or "lps" => new(length, -1, -1, space, true),
            "scanner-xyz" or "3d-right-handed" => new(length, -1, -1, space, false),
            "3d-left-handed" => throw BrokenFile.Because(path, "space is 3D-left-handed, which does not tell left from right; expected an anatomical space such as left-posterior-superior"),
            _ => throw BrokenFile.Because(path, $"unknown space {BrokenFile.Quote(space)}; expected left-posterior-superior, right-anterior-superior or another one of the format"),
        };
    }

    private static (StoredAxes Axes, Affine Affine) FromDirections(
        string path, NrrdFields fields, long[] sizes, double[]?[] directions, Frame frame)
    {
        if (directions.Length != sizes.Length)
            throw BrokenFile.Because(path, $"space directions has {directions.Length} entries, expected {sizes.Length}, one per axis");
        bool[] isSpatial = [.. directions.Select(vector => vector is not null && !vector.All(double.IsNaN) && !(vector.Length == 4 && vector.Take(3).All(part => part == 0)))];
        double[][] columns = [.. directions.Where((_, axis) => isSpatial[axis]).Select(vector => vector!)];
        if (columns.Length is not (2 or 3))
            throw BrokenFile.Because(path, $"space directions has {columns.Length} axes of space, expected 3, or 2 for a single slice");
        if (columns.Any(vector => vector.Length == 4 && vector[3] != 0))
            throw BrokenFile.Because(path, "an axis runs through space and time at once, which has no place in a volume");
        double[] units = Units(path, fields.Words("spaceunits", frame.Length) ?? [], frame.Length);
        double[] origin = fields.Vectors("spaceorigin", frame.Length) switch
        {
            null => new double[3],
            [{ } vector] => Place(vector),
            _ => throw BrokenFile.Because(path, $"space origin is {BrokenFile.Quote(fields.Text("spaceorigin")!)}, expected one vector"),
        };
        List<double[]> axes = [.. columns.Select(Place)];
        if (axes.Count == 2)
            axes.Add(Normal(axes[0], axes[1]));
        return (new StoredAxes(sizes, isSpatial), ToRas(axes, origin, frame));

        double[] Place(double[] vector) => [vector[0] * units[0], vector[1] * units[1], vector.Length > 2 ? vector[2] * units[2] : 0];
    }

    /// <summary>Old files: spacings along the world's axes, LPS; then kinds tell what is space, else the first three axes are.</summary>
    private static (StoredAxes Axes, Affine Affine) FromSpacings(string path, NrrdFields fields, long[] sizes, string[]? kinds, Frame frame)
    {
        double[]? spacings = fields.Numbers("spacings", sizes.Length), mins = fields.Numbers("axismins", sizes.Length);
        if (spacings is null && fields.Text("axismaxs") is not null)
            throw BrokenFile.Because(path, "the spacing is given by axis mins and axis maxs alone, which is not supported; expected spacings or space directions");
        bool[] isSpatial = [.. sizes.Select((_, axis) =>
            (kinds is null || kinds[axis] is "???" or "none" || SpatialKinds.Contains(kinds[axis].ToLowerInvariant()))
            && !(spacings is not null && spacings.Any(double.IsFinite) && double.IsNaN(spacings[axis])))];
        int[] spatial = [.. Enumerable.Range(0, sizes.Length).Where(axis => isSpatial[axis]).Take(3)];
        if (spatial.Length < 2)
            throw BrokenFile.Because(path, $"kinds and spacings leave {spatial.Length} axes of space, expected 3, or 2 for a single slice");
        double[] units = Units(path, fields.Words("units", sizes.Length) ?? [], sizes.Length);
        string[]? centerings = fields.Words("centerings", sizes.Length) ?? fields.Words("centers", sizes.Length);
        double[] origin = fields.Vectors("spaceorigin", frame.Length) is [{ } vector] ? [.. vector.Take(3), .. new double[Math.Max(0, 3 - vector.Length)]] : new double[3];
        List<double[]> axes = [];
        for (int place = 0; place < 3; place++)
        {
            var direction = new double[3];
            direction[place] = 1;
            if (place < spatial.Length)
            {
                int axis = spatial[place];
                double spacing = spacings is not null && double.IsFinite(spacings[axis]) ? spacings[axis] * units[axis] : 1;
                direction[place] = spacing;
                if (mins is not null && double.IsFinite(mins[axis]))
                    origin[place] = mins[axis] * units[axis] + (centerings?[axis] == "node" ? 0 : spacing / 2);
            }
            axes.Add(direction);
        }
        return (new StoredAxes(sizes, isSpatial), ToRas(axes, origin, frame));
    }

    private static Affine ToRas(List<double[]> axes, double[] origin, Frame frame) => new(
        new(frame.X * axes[0][0], frame.X * axes[1][0], frame.X * axes[2][0], frame.X * origin[0]),
        new(frame.Y * axes[0][1], frame.Y * axes[1][1], frame.Y * axes[2][1], frame.Y * origin[1]),
        new(axes[0][2], axes[1][2], axes[2][2], origin[2]));

    /// <summary>Factors to mm; other words than those of length are taken as mm.</summary>
    private static double[] Units(string path, string[] words, int count)
    {
        double[] factors = [.. words.Select(word => word.ToLowerInvariant() switch
        {
            "m" or "meter" or "meters" or "metre" or "metres" => 1000.0,
            "cm" or "centimeter" or "centimeters" => 10.0,
            "um" or "µm" or "micron" or "microns" or "micrometer" or "micrometers" => 0.001,
            "nm" or "nanometer" or "nanometers" => 1e-6,
            "inch" or "inches" or "in" or "ft" => throw BrokenFile.Because(path, $"space units are {BrokenFile.Quote(word)}, expected mm, cm, m or um"),
            _ => 1.0,
        })];
        return factors.Length > 0 ? factors : [.. Enumerable.Repeat(1.0, count)];
    }

    /// <summary>The direction across a single slice, 1 mm thick.</summary>
    private static double[] Normal(double[] a, double[] b)
    {
        double[] across = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
        double length = Math.Sqrt(across.Sum(part => part * part));
        return [.. across.Select(part => part / length)];
    }
}
