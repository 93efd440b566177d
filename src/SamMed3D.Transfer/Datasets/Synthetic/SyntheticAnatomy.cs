using System.Numerics;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Writes a data set of made-up CT torsos: a place to try everything without a patient's data. Six organs to find, as real .nii.gz
/// files in nnU-Net's layout; the files differ in size, spacing, voxel order and contrast phase. Not anatomy to draw conclusions from.
/// </summary>
public static class SyntheticAnatomy
{
    /// <summary>What the names of all such data sets begin with.</summary>
    internal const string Name = "SyntheticAnatomy";

    // Half of real CT comes as LPS; the last one has its axes permuted too.
    private static readonly string[] Orientations = ["RAS", "LPS", "LAS", "PIR"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly Double3 FieldOfView = new(316, 266, 226);

    /// <summary>The classes; the index is the value in the label maps, 0 is the background.</summary>
    public static IReadOnlyList<string> ClassNames => TorsoPhantom.ClassNames;

    /// <summary>Makes the cases and writes them with their dataset.json, which comes last: a folder that has one is whole.</summary>
    /// <param name="root">A folder that is empty or not there yet.</param>
    /// <param name="options">Number and size of the cases.</param>
    /// <param name="progress">Told the number of finished cases after each.</param>
    /// <param name="cancellation">Stops between two cases.</param>
    /// <exception cref="InvalidDataException">The folder is not empty.</exception>
    public static DatasetManifest Write(
        string root, SyntheticAnatomyOptions options, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any())
            throw new InvalidDataException($"{root}: is not empty; expected a new or an empty folder for the synthetic data set.");
        try
        {
            WriteCases(root, options, progress, cancellation);
        }
        catch
        {
            // The folder was empty: a half-made data set in it is ours, and would be in the way.
            if (Directory.Exists(root))
                Directory.Delete(root, recursive: true);
            throw;
        }

        return DatasetManifest.Open(root);
    }

    private static void WriteCases(string root, SyntheticAnatomyOptions options, IProgress<int>? progress, CancellationToken cancellation)
    {
        for (var index = 0; index < options.TrainingCases + options.TestCases; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            string part = index < options.TrainingCases ? "Tr" : "Ts";
            var (image, labels) = Make(options, index);
            using (image)
            using (labels)
            {
                image.Save(Path.Combine(Directory.CreateDirectory(Path.Combine(root, "images" + part)).FullName, $"torso_{index:000}_0000.nii.gz"));
                labels.Save(Path.Combine(Directory.CreateDirectory(Path.Combine(root, "labels" + part)).FullName, $"torso_{index:000}.nii.gz"));
            }

            progress?.Report(index + 1);
        }

        WriteDescription(Path.Combine(root, DatasetDescription.FileName), options);
    }

    /// <summary>Makes one case: an image of one channel in whole HU, -1024 and above, and its labels. The caller owns both.</summary>
    /// <param name="options">Size and seed.</param>
    /// <param name="index">Which case; every index is another person.</param>
    public static (Volume Image, LabelVolume Labels) Make(SyntheticAnatomyOptions options, int index)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var random = new RandomStream(options.Validated().Seed, index);
        var geometry = Grid(ref random, options.Size, Orientation.Parse(Orientations[index % Orientations.Length]), out var middle);
        var phantom = new TorsoPhantom(ref random, options.Contrast);
        double noise = random.Uniform(options.Noise.Low, options.Noise.High);
        var size = geometry.Size;
        var image = new Volume(zeros([1, size.X, size.Y, size.Z]), geometry);
        var labels = new LabelVolume(zeros([size.X, size.Y, size.Z], int32), geometry);
        var intensities = image.Voxels();
        var classes = labels.Voxels();
        var at = 0;
        for (var x = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
                for (var z = 0; z < size.Z; z++, at++)
                {
                    var world = geometry.ToWorld(new Double3(x, y, z));
                    var (intensity, value) = phantom.At(new Vector3(
                        (float)(world.X - middle.X), (float)(world.Y - middle.Y), (float)(world.Z - middle.Z)));
                    intensities[at] = (float)Math.Max(Math.Round(intensity + noise * random.Normal()), -1024);
                    classes[at] = value;
                }

        return (image, labels);
    }

    /// <summary>A grid of varying size and spacing around a varying place, as scanners give it.</summary>
    private static Geometry Grid(ref RandomStream random, Size3 typical, Orientation orientation, out Double3 middle)
    {
        Span<int> size = stackalloc int[3];
        Span<double> spacing = stackalloc double[3];
        for (var axis = 0; axis < 3; axis++)
        {
            int spread = typical[axis] / 16;
            size[axis] = typical[axis] - spread + random.Below(2 * spread + 1);
            // Scanners are set to round numbers; a hundredth of a millimetre will do.
            spacing[axis] = Math.Round(FieldOfView[axis] / typical[axis] * random.Uniform(0.96, 1.06), 2);
        }

        middle = new Double3(Math.Round(random.Uniform(-20, 20), 1), Math.Round(random.Uniform(-160, -120), 1), Math.Round(random.Uniform(-700, 300), 1));
        Span<double> rows = stackalloc double[12];
        rows.Clear();
        Span<int> stored = stackalloc int[3];
        for (var axis = 0; axis < 3; axis++)
        {
            int world = orientation.WorldAxis(axis);
            stored[axis] = size[world];
            rows[4 * world + axis] = orientation.IsReversed(axis) ? -spacing[world] : spacing[world];
        }

        for (var world = 0; world < 3; world++)
            rows[4 * world + 3] = middle[world]
                - 0.5 * (rows[4 * world] * (stored[0] - 1) + rows[4 * world + 1] * (stored[1] - 1) + rows[4 * world + 2] * (stored[2] - 1));
        return new Geometry(new Size3(stored[0], stored[1], stored[2]), Affine.FromRows(rows.ToArray()));
    }

    private static void WriteDescription(string path, SyntheticAnatomyOptions options)
    {
        var description = new Dictionary<string, object>
        {
            ["name"] = options.Name,
            ["description"] = $"Made-up CT torsos, seed {options.Seed}. No patient's data.",
            ["licence"] = "CC0-1.0",
            ["channel_names"] = new Dictionary<string, string> { ["0"] = "CT" },
            ["labels"] = ClassNames.Select((name, value) => (name, value)).ToDictionary(entry => entry.name, entry => entry.value),
            ["numTraining"] = options.TrainingCases,
            ["numTest"] = options.TestCases,
            ["file_ending"] = ".nii.gz",
        };
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, description, Indented));
    }
}
