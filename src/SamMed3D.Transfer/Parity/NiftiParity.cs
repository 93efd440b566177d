using System.Text.Json;
using static SamMed3D.Transfer.VolumeFileQuantities;

namespace SamMed3D.Transfer;

/// <summary>Golden case <c>nifti</c>: files to read (lists <c>ok</c>) and files to refuse (<c>broken</c>), read back with nibabel 5.0.</summary>
public sealed class NiftiParity : ParityCheck
{
    private const double ValueTolerance = VolumeFileQuantities.ValueTolerance;

    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.ValueKind == JsonValueKind.Object && description.TryGetProperty("ok", out _) && description.TryGetProperty("broken", out _);

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        foreach (JsonElement entry in description.GetProperty("ok").EnumerateArray())
        {
            string[] names = entry.TryGetProperty("also", out JsonElement also)
                ? [Text(entry, "file"), also.GetString()!]
                : [Text(entry, "file")];
            foreach (string name in names)
                foreach (ParityQuantity quantity in Attempt(name, () => Read(Path.Combine(folder, name), name, entry)))
                    yield return quantity;
        }
        foreach (JsonElement entry in description.GetProperty("broken").EnumerateArray())
        {
            string name = Text(entry, "file");
            foreach (ParityQuantity quantity in Attempt(name, () => Refuse(Path.Combine(folder, name), name, entry)))
                yield return quantity;
        }
    }

    private static List<ParityQuantity> Read(string path, string name, JsonElement expected)
    {
        NiftiFile file = NiftiFile.Open(path);
        VoxelSummary summary = VoxelSummary.Of(file);
        List<string> mismatches = [];
        Equal("shape", $"[{string.Join(", ", file.Header.Shape)}]", $"[{string.Join(", ", expected.GetProperty("shape").EnumerateArray())}]");
        Equal("stored type", file.Header.StoredType.ToString().ToUpperInvariant(), Text(expected, "stored_dtype").ToUpperInvariant());
        Equal("orientation", file.Geometry.Orientation.Code, Text(expected, "orientation"));
        Equal("finite values", summary.Finite, expected.GetProperty("finite").GetInt64());
        Equal("NaN values", summary.NaN, expected.GetProperty("nan").GetInt64());

        double values = 0;
        Compare(file.Header.Slope, Number(expected, "slope"));
        Compare(file.Header.Intercept, Number(expected, "inter"));
        Compare(summary.Sum, Number(expected, "sum"));
        Compare(summary.Least, Number(expected, "min"));
        Compare(summary.Most, Number(expected, "max"));
        foreach ((double zoom, JsonElement stored) in file.Header.Zooms.Zip(expected.GetProperty("zooms").EnumerateArray()))
            Compare(zoom, stored.GetDouble());
        using Volume volume = file.ReadVolume();
        foreach (JsonElement sample in expected.GetProperty("samples").EnumerateArray())
        {
            long[] index = [.. sample.GetProperty("index").EnumerateArray().Select(element => element.GetInt64()), 0, 0];
            int channel = file.Header.Shape.Count > 4 ? (int)(index[3] + file.Header.Shape[3] * index[4])
                : file.Header.Shape.Count > 3 ? (int)index[3] : 0;
            long z = file.Header.Shape.Count > 2 ? index[2] : 0;
            Size3 size = volume.Geometry.Size;
            Compare(volume.Voxels(channel)[(int)((index[0] * size.Y + index[1]) * size.Z + z)], Number(sample, "value"));
        }
        return
        [
            new($"{name} header", mismatches.Count, 0, mismatches.Count == 0 ? null : string.Join("; ", mismatches)),
            VolumeFileQuantities.Affine(name, file.Geometry, expected.GetProperty("affine")),
            new($"{name} values", values, ValueTolerance),
        ];

        void Equal<T>(string what, T actual, T wanted)
            where T : IEquatable<T>
        {
            if (!actual.Equals(wanted))
                mismatches.Add($"{what}: expected {wanted}, got {actual}");
        }

        void Compare(double actual, double wanted) => values = Math.Max(values, Relative(actual, wanted));
    }

    private static List<ParityQuantity> Refuse(string path, string name, JsonElement expected)
    {
        List<ParityQuantity> quantities = VolumeFileQuantities.Refuse(path, name, expected, NiftiFile.Open);
        if (expected.TryGetProperty("shape", out JsonElement shape))
        {
            NiftiFile file = NiftiFile.Open(path);
            bool isSame = file.Header.Shape.SequenceEqual(shape.EnumerateArray().Select(extent => extent.GetInt64()));
            double sum = Relative(VoxelSummary.Of(file).Sum, Number(expected, "sum"));
            quantities.Add(new($"{name} without a limit", isSame ? sum : double.PositiveInfinity, ValueTolerance));
        }
        return quantities;
    }
}
