namespace SamMed3D.Transfer;

/// <summary>Reads the files of a case and checks that they belong together.</summary>
internal static class CaseFiles
{
    /// <summary>Reads image and labels as they are in the files; the caller owns both.</summary>
    /// <param name="one">The case.</param>
    /// <param name="channels">Channels that the image must have.</param>
    /// <param name="scheme">What the labels mean; voxels that it ignores come as <see cref="LabelScheme.Ignored"/>.</param>
    /// <exception cref="InvalidDataException">A file is damaged, the grids differ, or labels have values that are no classes.</exception>
    public static (Volume Image, LabelVolume? Labels) Read(DatasetCase one, int channels, LabelScheme scheme)
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
            if (!labels.Geometry.Matches(image.Geometry))
                throw new InvalidDataException(
                    $"{one.LabelPath}: the grid of the labels ({labels.Geometry}) is not that of the image {one.ImagePaths[0]} ({image.Geometry}).");
            RequireValues(one.LabelPath, labels, scheme);
            return (image, labels);
        }
        catch
        {
            image.Dispose();
            labels?.Dispose();
            throw;
        }
    }

    /// <summary>Refuses values that mean nothing, and marks those that are to be ignored.</summary>
    internal static void RequireValues(string path, LabelVolume labels, LabelScheme scheme)
    {
        var isExpected = new bool[scheme.ValueCount];
        foreach (int value in scheme.FileValues)
            if (value >= 0 && value < isExpected.Length)
                isExpected[value] = true;
        var unexpected = new SortedDictionary<int, long>();
        foreach (ref int value in labels.Voxels())
            if (value == scheme.IgnoreValue)
                value = LabelScheme.Ignored;
            else if (value < 0 || value >= isExpected.Length || !isExpected[value])
                unexpected[value] = unexpected.GetValueOrDefault(value) + 1;
        if (unexpected.Count > 0)
            throw new InvalidDataException(
                $"{path}: expected labels {Values(scheme)} as in {DatasetDescription.FileName}, got also "
                + $"{string.Join(", ", unexpected.Take(20).Select(entry => $"{entry.Key} ({entry.Value} voxels)"))}"
                + $"{(unexpected.Count > 20 ? $" and {unexpected.Count - 20} other values" : "")}.");
    }

    /// <summary>Such as "0 to 3" or "0, 1, 2, 4 and 255 (ignored)".</summary>
    internal static string Values(LabelScheme scheme)
    {
        int[] values = [.. scheme.FileValues.Where(value => value != scheme.IgnoreValue)];
        string named = values[^1] == values.Length - 1 ? $"0 to {values[^1]}" : string.Join(", ", values);
        return scheme.IgnoreValue is { } ignored ? $"{named} and {ignored} (ignored)" : named;
    }
}
