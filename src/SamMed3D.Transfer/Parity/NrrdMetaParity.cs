using System.Text.Json;
using static SamMed3D.Transfer.VolumeFileQuantities;

namespace SamMed3D.Transfer;

/// <summary>
/// The NRRD and MetaImage lists of golden case <c>nifti</c>: files to read (<c>nrrd_meta_ok</c>), most of them read by ITK 5.2 as well, and
/// files to refuse (<c>nrrd_meta_broken</c>). Each one that is read is also written in every format and must come back the same.
/// </summary>
public sealed class NrrdMetaParity : ParityCheck
{
    private static readonly string[] Endings = [".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd"];

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.ValueKind == JsonValueKind.Object && description.TryGetProperty("nrrd_meta_ok", out _);

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        foreach (JsonElement entry in description.GetProperty("nrrd_meta_ok").EnumerateArray())
        {
            string name = Text(entry, "file");
            foreach (ParityQuantity quantity in Attempt(name, () => Read(Path.Combine(folder, name), name, entry)))
                yield return quantity;
        }
        foreach (JsonElement entry in description.GetProperty("nrrd_meta_broken").EnumerateArray())
        {
            string name = Text(entry, "file");
            foreach (ParityQuantity quantity in Attempt(name, () => Refuse(Path.Combine(folder, name), name, entry, path => VolumeSource.Open(path))))
                yield return quantity;
        }
    }

    private static List<ParityQuantity> Read(string path, string name, JsonElement expected)
    {
        var file = (StoredVolume)VolumeSource.Open(path);
        VoxelSummary summary = VoxelSummary.Of(file);
        Geometry geometry = file.Geometry;
        List<string> mismatches = [];
        if (!geometry.Size.ToArray().SequenceEqual(expected.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64())))
            mismatches.Add($"shape: expected {expected.GetProperty("shape")}, got {geometry.Size}");
        if (geometry.Orientation.Code != Text(expected, "orientation"))
            mismatches.Add($"orientation: expected {Text(expected, "orientation")}, got {geometry.Orientation.Code}");
        double values = Math.Max(Relative(summary.Sum, Number(expected, "sum")),
            Math.Max(Relative(summary.Least, Number(expected, "min")), Relative(summary.Most, Number(expected, "max"))));
        using Volume volume = file.ReadVolume();
        foreach (JsonElement sample in expected.GetProperty("samples").EnumerateArray())
        {
            int[] index = [.. sample.GetProperty("index").EnumerateArray().Select(element => element.GetInt32())];
            float value = volume.Voxels()[(index[0] * geometry.Size.Y + index[1]) * geometry.Size.Z + index[2]];
            values = Math.Max(values, Relative(value, Number(sample, "value")));
        }
        return
        [
            new($"{name} header", mismatches.Count, 0, mismatches.Count == 0 ? null : string.Join("; ", mismatches)),
            VolumeFileQuantities.Affine(name, geometry, expected.GetProperty("affine_ras")),
            new($"{name} values", values, ValueTolerance),
            .. Rewritten(volume, name),
        ];
    }

    /// <summary>Every format must give the same voxels, bit by bit, at the same places.</summary>
    private static List<ParityQuantity> Rewritten(Volume volume, string name)
    {
        List<ParityQuantity> quantities = [];
        string folder = Directory.CreateTempSubdirectory("sammed3d-parity-").FullName;
        try
        {
            foreach (string ending in Endings)
            {
                string path = Path.Combine(folder, "copy" + ending);
                volume.Save(path);
                using Volume copy = Volume.Open(path);
                bool isSame = copy.Geometry.Matches(volume.Geometry, 1e-4) && copy.Values.equal(volume.Values).all().item<bool>();
                quantities.Add(new($"{name} as {ending}", isSame ? 0 : double.PositiveInfinity, 0, isSame ? null : $"came back as {copy.Geometry}"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return quantities;
    }
}
