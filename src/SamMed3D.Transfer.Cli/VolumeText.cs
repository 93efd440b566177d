using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>A volume for people and for programs.</summary>
internal static class VolumeText
{
    private const int MostLabels = 40;

    public static void Write(Terminal terminal, string file, VolumeDescription volume)
    {
        var geometry = volume.Geometry;
        Line("file", file);
        Line("format", volume.Format);
        Line("size", $"{geometry.Size} voxels{(volume.Channels > 1 ? $", {volume.Channels} channels" : "")}");
        Line("spacing", $"{geometry.Spacing} mm");
        Line("orientation", geometry.Orientation.Code);
        for (var row = 0; row < 3; row++)
            Line(row == 0 ? "affine" : "", string.Join(" ", Enumerable.Range(0, 4).Select(column => Number(geometry.Affine[row, column]).PadLeft(11))));
        Line("values", $"{Number(volume.Minimum)} to {Number(volume.Maximum)}, mean {Number(volume.Mean)}");
        if (volume.NotFinite > 0)
            Line("not finite", $"{volume.NotFinite} voxels");
        if (volume.PlacementDoubt is { } doubt)
            Line("doubt", doubt);
        if (volume.Histogram is not { } histogram)
            return;
        // More values than most label maps have are mostly the grey values of an image.
        if (histogram.Count > MostLabels)
        {
            Line("whole values", $"{histogram.Count} different ones; --json counts them");
            return;
        }

        terminal.Line();
        var table = new TextTable("value", "voxels", "share");
        long all = histogram.Values.Sum();
        foreach (var (value, count) in histogram)
            table.Add($"{value}", $"{count}", string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / all:0.000}%"));
        table.Write(terminal);

        void Line(string name, string text) => terminal.Line($"{name,-13}{text}");
    }

    public static void WriteJson(Terminal terminal, string file, VolumeDescription volume) => JsonOutput.Write(terminal, new
    {
        file,
        kind = "volume",
        format = volume.Format,
        size = volume.Geometry.Size.ToArray(),
        channels = volume.Channels,
        spacing = new[] { volume.Geometry.Spacing.X, volume.Geometry.Spacing.Y, volume.Geometry.Spacing.Z },
        orientation = volume.Geometry.Orientation.Code,
        affine = volume.Geometry.Affine.ToArray().Chunk(4),
        placementDoubt = volume.PlacementDoubt,
        minimum = Finite(volume.Minimum),
        maximum = Finite(volume.Maximum),
        mean = Finite(volume.Mean),
        notFinite = volume.NotFinite,
        histogram = volume.Histogram,
    });

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>Without "-0".</summary>
    private static string Number(double value) => (value == 0 ? 0 : value).ToString("G7", CultureInfo.InvariantCulture);
}
