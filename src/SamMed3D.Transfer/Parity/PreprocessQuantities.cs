using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>
/// Compares the steps of one preprocessing case with what is stored. Arrays may differ by 1e-4 + 1e-5 |expected|, sums by 1e-5 of
/// themselves.
/// </summary>
internal sealed class PreprocessQuantities(string name)
{
    private const double ArrayTolerance = 1e-4;
    private const double SumTolerance = 1e-5;
    private const double AffineTolerance = 1e-5;
    private readonly List<ParityQuantity> _all = [];

    public IReadOnlyList<ParityQuantity> All => _all;

    public void Add(string quantity, double error, double tolerance, string? note = null) =>
        _all.Add(new($"{name} {quantity}", error, tolerance, error <= tolerance ? null : note));

    /// <summary>Shape, affine, sums and samples of one step.</summary>
    public void Step(string step, JsonElement steps, Volume image, LabelVolume label)
    {
        JsonElement expected = steps.GetProperty(step);
        Grid(step, expected, image.Geometry);
        if (expected.TryGetProperty("image_sum", out JsonElement sum))
            Add($"{step} sum", Relative(image.Values.sum(ScalarType.Float64).item<double>(), sum.GetDouble()), SumTolerance);
        if (expected.TryGetProperty("label_voxels", out JsonElement voxels))
            Exactly($"{step} label voxels", Count(label), voxels.GetInt64());
        Samples($"{step} samples", expected.GetProperty("image_samples"), image);
    }

    /// <summary>Whole arrays, where they are stored.</summary>
    public void Tensors(string step, IReadOnlyDictionary<string, Tensor>? stored, Volume image, LabelVolume label)
    {
        if (stored is null)
            return;
        Tensor($"{step}_image", image.Values[0], stored[$"{step}_image"]);
        Add($"{step}_label", ParityTensors.LargestDifference(label.Values, stored[$"{step}_label"]), 0);
        Tensor affine = tensor(image.Geometry.Affine.ToArray(), [4, 4]);
        Add($"{step}_affine", ParityTensors.LargestDifference(affine, stored[$"{step}_affine"]), AffineTolerance);
    }

    public void Tensor(string quantity, Tensor actual, Tensor expected)
    {
        Tensor scale = 1 + expected.abs() * 0.1;
        Add(quantity, ParityTensors.LargestDifference(actual / scale, expected / scale), ArrayTolerance);
    }

    public void AxisOrder(JsonElement expected, Orientation from)
    {
        // The stored axis_order[k] is the input axis that becomes output axis k, as the stored shapes show.
        int[] order = [.. Enumerable.Range(0, 3).Select(axis => Reorientation.SourceAxis(from, Orientation.Canonical, axis))];
        IEnumerable<int> flipped = Enumerable.Range(0, 3)
            .Where(axis => Reorientation.IsFlipped(from, Orientation.Canonical, axis)).Select(axis => order[axis]);
        Same("canonical axis_order", order, expected.GetProperty("axis_order"));
        Same("canonical flipped_input_axes", flipped.Order(), expected.GetProperty("flipped_input_axes"));
    }

    public void Window(JsonElement expected, CropOrPad window)
    {
        int[] after = [.. Enumerable.Range(0, 3).Select(axis => window.Begin[axis] + window.Geometry.Size[axis] - window.Source.Size[axis])];
        Same("padding before", window.Begin.Select(begin => Math.Max(0, -begin)), expected.GetProperty("padding").GetProperty("before"));
        Same("padding after", after.Select(end => Math.Max(0, end)), expected.GetProperty("padding").GetProperty("after"));
        Same("cropping before", window.Begin.Select(begin => Math.Max(0, begin)), expected.GetProperty("cropping").GetProperty("before"));
        Same("cropping after", after.Select(end => Math.Max(0, -end)), expected.GetProperty("cropping").GetProperty("after"));
    }

    public void Normalised(JsonElement expected, Volume region, Volume normalised)
    {
        Tensor positive = region.Values[region.Values > 0].to(ScalarType.Float64);
        Exactly("znormalise voxels above 0", positive.numel(), expected.GetProperty("voxels_above_zero").GetInt64());
        Add("znormalise mean", Relative(positive.mean().item<double>(), expected.GetProperty("mean").GetDouble()), SumTolerance);
        Add("znormalise deviation", Relative(positive.std().item<double>(), expected.GetProperty("std_unbiased").GetDouble()), SumTolerance);
        Samples("znormalise samples", expected.GetProperty("samples"), normalised);
        if (region.Values.eq(0).any().item<bool>())
            Add("znormalise of 0", Scaled(
                normalised.Values[region.Values.eq(0)][0].item<float>(), expected.GetProperty("value_of_a_zero_voxel").GetDouble()), ArrayTolerance);
    }

    public void Restored(JsonElement expected, LabelVolume prediction, LabelVolume restored)
    {
        Grid("restore", expected, restored.Geometry);
        Exactly("restore prediction voxels", Count(prediction), expected.GetProperty("prediction_voxels").GetInt64());
        // Ambiguous voxels may be 0 or 1.
        long least = expected.GetProperty("restored_voxels_not_ambiguous").GetInt64();
        long most = least + expected.GetProperty("ambiguous_voxels").GetInt64(), count = Count(restored);
        Add("restore voxels", Math.Max(0, Math.Max(least - count, count - most)), 0, $"expected {least} to {most}, got {count}");
    }

    private void Grid(string step, JsonElement expected, Geometry geometry)
    {
        Same($"{step} shape", [geometry.Size.X, geometry.Size.Y, geometry.Size.Z], expected.GetProperty("shape"));
        double largest = 0;
        for (int row = 0; row < 4; row++)
            for (int column = 0; column < 4; column++)
                largest = Math.Max(largest, Math.Abs(geometry.Affine[row, column] - expected.GetProperty("affine")[row][column].GetDouble()));
        Add($"{step} affine", largest, AffineTolerance);
    }

    private void Samples(string quantity, JsonElement samples, Volume image)
    {
        Size3 size = image.Geometry.Size;
        Add(quantity, samples.EnumerateArray().Max(sample =>
        {
            JsonElement index = sample.GetProperty("index");
            int voxel = (index[0].GetInt32() * size.Y + index[1].GetInt32()) * size.Z + index[2].GetInt32();
            return Scaled(image.Voxels()[voxel], sample.GetProperty("value").GetDouble());
        }), ArrayTolerance);
    }

    private void Same(string quantity, IEnumerable<int> actual, JsonElement expected)
    {
        int[] wanted = [.. expected.EnumerateArray().Select(element => element.GetInt32())];
        bool isSame = actual.SequenceEqual(wanted);
        Add(quantity, isSame ? 0 : double.PositiveInfinity, 0, $"expected {string.Join(", ", wanted)}, got {string.Join(", ", actual)}");
    }

    private void Exactly(string quantity, long actual, long expected) =>
        Add(quantity, Math.Abs(actual - expected), 0, $"expected {expected}, got {actual}");

    private static long Count(LabelVolume labels) => labels.Values.count_nonzero().item<long>();

    private static double Relative(double actual, double expected) =>
        actual == expected ? 0 : Math.Abs(actual - expected) / Math.Abs(expected);

    private static double Scaled(double actual, double expected) => Math.Abs(actual - expected) / (1 + 0.1 * Math.Abs(expected));
}
