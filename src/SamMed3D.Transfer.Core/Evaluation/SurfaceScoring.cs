namespace SamMed3D.Transfer;

/// <summary>Measures the surfaces of all classes of two label maps, each in the box around it.</summary>
internal static class SurfaceScoring
{
    /// <summary>The scores of classes 1, 2, ..., then those of all merged into one.</summary>
    /// <param name="truth">[X, Y, Z], int32, C order.</param>
    /// <param name="prediction">The same.</param>
    /// <param name="geometry">The grid of both.</param>
    /// <param name="classNames">Names of classes 1, 2, ....</param>
    /// <param name="options">Convention and tolerances.</param>
    public static (SurfaceScore[] Classes, SurfaceScore Foreground) Measure(
        ReadOnlySpan<int> truth, ReadOnlySpan<int> prediction, Geometry geometry, IReadOnlyList<string> classNames, SurfaceOptions options)
    {
        var boxes = new VoxelBox[classNames.Count + 1];
        Array.Fill(boxes, VoxelBox.Empty);
        Grow(boxes, truth, geometry.Size);
        Grow(boxes, prediction, geometry.Size);
        var classes = new SurfaceScore[classNames.Count];
        for (var index = 0; index < classes.Length; index++)
            classes[index] = Score(truth, prediction, geometry, boxes[index + 1], index + 1, index + 1, options.Convention, options.ToleranceOf(classNames[index]));
        var all = boxes.Skip(1).Aggregate(VoxelBox.Empty, (box, next) => box.With(next));
        return (classes, Score(truth, prediction, geometry, all, 1, classNames.Count, options.Convention, options.Tolerance));
    }

    private static SurfaceScore Score(ReadOnlySpan<int> truth, ReadOnlySpan<int> prediction, Geometry geometry, VoxelBox box,
        int least, int most, SurfaceConvention convention, double tolerance)
    {
        if (box.IsEmpty)
            return new SurfaceScore(tolerance, double.NaN, double.NaN, double.NaN, double.NaN);
        var found = SurfaceDistances.Between(Mask(truth, geometry.Size, box, least, most), Mask(prediction, geometry.Size, box, least, most),
            box.Size, geometry.Spacing, convention);
        return new SurfaceScore(tolerance, found.SurfaceDice(tolerance), found.Hausdorff95, found.Hausdorff, found.Mean);
    }

    private static bool[] Mask(ReadOnlySpan<int> labels, Size3 size, VoxelBox box, int least, int most)
    {
        var (extent, mask) = (box.Size, new bool[box.Size.Count]);
        var at = 0;
        for (var x = 0; x < extent.X; x++)
            for (var y = 0; y < extent.Y; y++)
                foreach (int label in labels.Slice(((box.First.X + x) * size.Y + box.First.Y + y) * size.Z + box.First.Z, extent.Z))
                    mask[at++] = label >= least && label <= most;
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
