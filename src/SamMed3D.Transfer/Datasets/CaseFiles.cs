namespace SamMed3D.Transfer;

/// <summary>Reads the files of a case and checks that they belong together.</summary>
internal static class CaseFiles
{
    /// <summary>Reads image and labels as they are in the files; the caller owns both.</summary>
    /// <param name="one">The case.</param>
    /// <param name="channels">Channels that the image must have.</param>
    /// <param name="classes">Classes, background included; labels are 0 to this - 1.</param>
    /// <exception cref="InvalidDataException">A file is damaged, the grids differ, or labels have values that are no classes.</exception>
    public static (Volume Image, LabelVolume? Labels) Read(DatasetCase one, int channels, int classes)
    {
        var image = one.ImagePaths.Count == 1 ? Volume.Open(one.ImagePaths[0]) : Volume.Open(one.ImagePaths);
        LabelVolume? labels = null;
        try
        {
            if (image.Channels != channels)
                throw new InvalidDataException($"{one.ImagePaths[0]}: expected {channels} channel(s) as the data set has, got {image.Channels}.");
            if (one.LabelPath is null)
                return (image, null);
            labels = LabelVolume.Open(one.LabelPath);
            RequireOneGrid(one, image.Geometry, labels.Geometry);
            RequireClasses(one.LabelPath, labels, classes);
            return (image, labels);
        }
        catch
        {
            image.Dispose();
            labels?.Dispose();
            throw;
        }
    }

    /// <summary>Headers are written with few digits, so a tenth of a voxel passes: it moves no label to another voxel.</summary>
    private static void RequireOneGrid(DatasetCase one, Geometry image, Geometry labels)
    {
        double voxel = Math.Min(image.Spacing.X, Math.Min(image.Spacing.Y, image.Spacing.Z));
        if (!image.Matches(labels, tolerance: 0.1 * voxel))
            throw new InvalidDataException(
                $"{one.LabelPath}: the grid of the labels ({labels}) is not that of the image {one.ImagePaths[0]} ({image}).");
    }

    private static void RequireClasses(string path, LabelVolume labels, int classes)
    {
        var unexpected = new SortedDictionary<int, long>();
        foreach (int value in labels.Voxels())
            if (value < 0 || value >= classes)
                unexpected[value] = unexpected.GetValueOrDefault(value) + 1;
        if (unexpected.Count > 0)
            throw new InvalidDataException(
                $"{path}: expected labels 0 to {classes - 1} as in dataset.json, got also "
                + $"{string.Join(", ", unexpected.Take(20).Select(entry => $"{entry.Key} ({entry.Value} voxels)"))}"
                + $"{(unexpected.Count > 20 ? $" and {unexpected.Count - 20} other values" : "")}.");
    }
}
