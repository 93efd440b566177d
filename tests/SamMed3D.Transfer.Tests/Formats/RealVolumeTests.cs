using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class RealVolumeTests
{
    [SkippableFact]
    public void Every_real_volume_reads_as_its_index_says()
    {
        string data = Repository.Shared("data");
        using var index = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, "index.json")));
        int images = 0, labels = 0;
        foreach (JsonElement entry in index.RootElement.GetProperty("volumes").EnumerateArray())
        {
            if (entry.TryGetProperty("image", out JsonElement image) && image.ValueKind == JsonValueKind.Object)
            {
                CheckImage(Path.Combine(data, image.GetProperty("file").GetString()!), image);
                images++;
            }
            foreach (JsonElement label in entry.GetProperty("labels").EnumerateArray())
            {
                CheckLabels(Path.Combine(data, label.GetProperty("file").GetString()!), label);
                labels++;
            }
        }
        Assert.True(images > 5 && labels > 5);
    }

    private static void CheckImage(string path, JsonElement expected)
    {
        var file = (StoredVolume)VolumeSource.Open(path);
        CheckGrid(file, expected);
        VoxelSummary summary = VoxelSummary.Of(file);
        if (expected.TryGetProperty("min", out JsonElement least))
            Near(least.GetDouble(), summary.Least, path);
        if (expected.TryGetProperty("max", out JsonElement most))
            Near(most.GetDouble(), summary.Most, path);
        if (expected.TryGetProperty("voxel_sum", out JsonElement sum))
            Near(sum.GetDouble(), summary.Sum, path);
        using Volume volume = file.ReadVolume();
        Near(summary.Sum, volume.Values.sum(ScalarType.Float64).item<double>(), path);
    }

    private static void CheckLabels(string path, JsonElement expected)
    {
        CheckGrid(VolumeSource.Open(path), expected);
        using LabelVolume labels = LabelVolume.Open(path);
        Dictionary<int, long> counts = [];
        foreach (int value in labels.Voxels())
            counts[value] = counts.GetValueOrDefault(value) + 1;
        foreach (JsonElement label in expected.GetProperty("classes").EnumerateArray())
            Assert.Equal(label.GetProperty("voxels").GetInt64(), counts.GetValueOrDefault(label.GetProperty("value").GetInt32()));
    }

    private static void CheckGrid(VolumeSource file, JsonElement expected)
    {
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()), file.Geometry.Size.ToArray());
        if (expected.TryGetProperty("stored_dtype", out JsonElement type))
            Assert.Contains(type.GetString()!, file.Format, StringComparison.OrdinalIgnoreCase);
        if (expected.TryGetProperty("orientation", out JsonElement orientation))
            Assert.Equal(orientation.GetString(), file.Geometry.Orientation.Code);
        if (expected.TryGetProperty("spacing_mm", out JsonElement spacing))
            for (int axis = 0; axis < 3; axis++)
                Near(spacing[axis].GetDouble(), file.Geometry.Spacing[axis], file.Path);
        if (expected.TryGetProperty("affine_ras", out JsonElement affine))
            for (int row = 0; row < 4; row++)
                for (int column = 0; column < 4; column++)
                    Assert.Equal(affine[row][column].GetDouble(), file.Geometry.Affine[row, column], 1e-5);
    }

    private static void Near(double expected, double actual, string path) =>
        Assert.True(Math.Abs(actual - expected) <= 1e-5 * Math.Max(1, Math.Abs(expected)), $"{path}: expected {expected}, got {actual}");
}
