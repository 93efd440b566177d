namespace SamMed3D.Transfer;

/// <summary>Measures the surfaces of all classes or regions of two label maps, each in the box around it.</summary>
internal static class SurfaceScoring
{
    /// <summary>The scores of each structure, then those of all merged into one. Where the truth is ignored, neither map has a structure.</summary>
    /// <param name="truth">[X, Y, Z], int32, C order.</param>
    /// <param name="prediction">The same.</param>
    /// <param name="geometry">The grid of both.</param>
    /// <param name="scheme">What the values mean.</param>
    /// <param name="options">Convention and tolerances.</param>
    public static (SurfaceScore[] Classes, SurfaceScore Foreground) Measure(
        ReadOnlySpan<int> truth, ReadOnlySpan<int> prediction, Geometry geometry, LabelScheme scheme, SurfaceOptions options)
    {
        if (truth.Contains(LabelScheme.Ignored))
        {
            int[] known = truth.ToArray(), predicted = prediction.ToArray();
            for (var voxel = 0; voxel < known.Length; voxel++)
                if (known[voxel] == LabelScheme.Ignored)
                    known[voxel] = predicted[voxel] = 0;
            truth = known;
            prediction = predicted;
        }

        var boxes = new VoxelBox[scheme.ValueCount];
        Array.Fill(boxes, VoxelBox.Empty);
        Grow(boxes, truth, geometry.Size);
        Grow(boxes, prediction, geometry.Size);
        var classes = new SurfaceScore[scheme.Structures.Count];
        for (var index = 0; index < classes.Length; index++)
            classes[index] = Score(truth, prediction, geometry, boxes, scheme.Structures[index].Values, options.Convention, options.ToleranceOf(scheme.Structures[index].Name));
        int[] all = [.. scheme.Structures.SelectMany(structure => structure.Values).Distinct()];
        return (classes, Score(truth, prediction, geometry, boxes, all, options.Convention, options.Tolerance));
    }

    private static SurfaceScore Score(ReadOnlySpan<int> truth, ReadOnlySpan<int> prediction, Geometry geometry, VoxelBox[] boxes,
        IReadOnlyList<int> values, SurfaceConvention convention, double tolerance)
    {
        var box = values.Aggregate(VoxelBox.Empty, (union, value) => union.With(boxes[value]));
        if (box.IsEmpty)
            return new SurfaceScore(tolerance, double.NaN, double.NaN, double.NaN, double.NaN);
        var isMember = new bool[boxes.Length];
        foreach (int value in values)
            isMember[value] = true;
        var found = SurfaceDistances.Between(Mask(truth, geometry.Size, box, isMember), Mask(prediction, geometry.Size, box, isMember),
            box.Size, geometry.Spacing, convention);
        return new SurfaceScore(tolerance, found.SurfaceDice(tolerance), found.Hausdorff95, found.Hausdorff, found.Mean);
    }

    private static bool[] Mask(ReadOnlySpan<int> labels, Size3 size, VoxelBox box, bool[] isMember)
    {
        var (extent, mask) = (box.Size, new bool[box.Size.Count]);
        var at = 0;
        for (var x = 0; x < extent.X; x++)
            for (var y = 0; y < extent.Y; y++)
                foreach (int label in labels.Slice(((box.First.X + x) * size.Y + box.First.Y + y) * size.Z + box.First.Z, extent.Z))
                    mask[at++] = isMember[label];
        return mask;
    }

    private static void Grow(VoxelBox[] boxes, ReadOnlySpan<int> labels, Size3 size)
    {
        for (var x = 0; x < size.X; x++)
            for (var y = 0; y < size.Y; y++)
            {
                var line = labels.Slice((x * size.Y + y) * size.Z, size.Z);
                for (var z = 0; z < line.Length;)
                {
                    int length = line[z..].IndexOfAnyExcept(line[z]);
                    int end = length < 0 ? line.Length : z + length;
                    if (line[z] != 0)
                        boxes[line[z]] = boxes[line[z]].With(new VoxelBox(new VoxelIndex(x, y, z), new VoxelIndex(x, y, end - 1)));
                    z = end;
                }
            }
    }
}
