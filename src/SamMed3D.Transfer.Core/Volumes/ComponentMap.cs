namespace SamMed3D.Transfer;

/// <summary>The connected components of a label map, kept as runs of voxels. Components count from 0, in the order of their first voxels.</summary>
public sealed class ComponentMap
{
    private readonly List<VoxelRun> _runs;
    private readonly int[] _componentOfRun;

    internal ComponentMap(Size3 size, List<VoxelRun> runs, int[] parents)
    {
        Size = size;
        _runs = runs;
        _componentOfRun = parents;
        List<long> sizes = [];
        List<int> labels = [];
        for (var run = 0; run < runs.Count; run++)
        {
            // A parent comes before its run: its entry is the number of its component by now.
            int parent = parents[run];
            if (parent == run)
            {
                parents[run] = sizes.Count;
                sizes.Add(0);
                labels.Add(runs[run].Label);
            }
            else
            {
                parents[run] = parents[parent];
            }

            sizes[parents[run]] += runs[run].Length;
        }

        VoxelCounts = sizes;
        Labels = labels;
    }

    /// <summary>X, Y, Z.</summary>
    public Size3 Size { get; }

    /// <summary>How many components there are.</summary>
    public int Count => VoxelCounts.Count;

    /// <summary>Voxels of each component.</summary>
    public IReadOnlyList<long> VoxelCounts { get; }

    /// <summary>The label of each component; 1 in a mask.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The components of a label, largest first; of equal ones the one that begins first comes first.</summary>
    /// <param name="label">The label; 1 in a mask.</param>
    /// <param name="most">How many to return at most.</param>
    public IReadOnlyList<int> Largest(int label = 1, int most = int.MaxValue) =>
        [.. Enumerable.Range(0, Count).Where(component => Labels[component] == label)
            .OrderByDescending(component => VoxelCounts[component]).ThenBy(component => component).Take(most)];

    /// <summary>Gives each component a value.</summary>
    /// <param name="values">The value of each component.</param>
    /// <param name="target">[X, Y, Z] in C order; voxels of no component become 0.</param>
    /// <exception cref="ArgumentException">There are not as many values as components, or voxels as in the map.</exception>
    public void Paint(IReadOnlyList<int> values, Span<int> target)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != Count)
            throw new ArgumentException($"Expected {Count} values, one a component, got {values.Count}.", nameof(values));
        if (target.Length != Size.Count)
            throw new ArgumentException($"Expected {Size.Count} voxels for {Size}, got {target.Length}.", nameof(target));
        target.Clear();
        for (var run = 0; run < _runs.Count; run++)
            target.Slice(_runs[run].Start, _runs[run].Length).Fill(values[_componentOfRun[run]]);
    }

    /// <summary>The number of each voxel's component, from 1; 0 in the background.</summary>
    public int[] ToArray()
    {
        var numbers = new int[Size.Count];
        Paint([.. Enumerable.Range(1, Count)], numbers);
        return numbers;
    }

    /// <summary>The mean voxel index of each component.</summary>
    public IReadOnlyList<Double3> Centroids()
    {
        var sums = new double[Count * 3];
        for (var run = 0; run < _runs.Count; run++)
        {
            var (start, length, _) = _runs[run];
            int component = _componentOfRun[run], line = start / Size.Z, z = start % Size.Z;
            sums[component * 3] += (double)(line / Size.Y) * length;
            sums[component * 3 + 1] += (double)(line % Size.Y) * length;
            sums[component * 3 + 2] += (z + (length - 1) / 2.0) * length;
        }

        return [.. Enumerable.Range(0, Count).Select(component => new Double3(
            sums[component * 3] / VoxelCounts[component], sums[component * 3 + 1] / VoxelCounts[component], sums[component * 3 + 2] / VoxelCounts[component]))];
    }

    /// <summary>The box around each component.</summary>
    internal IReadOnlyList<VoxelBox> Boxes()
    {
        var boxes = new VoxelBox[Count];
        Array.Fill(boxes, VoxelBox.Empty);
        for (var run = 0; run < _runs.Count; run++)
        {
            int line = _runs[run].Start / Size.Z, x = line / Size.Y, y = line % Size.Y, z = _runs[run].Start % Size.Z;
            ref var box = ref boxes[_componentOfRun[run]];
            box = box.With(new VoxelBox(new VoxelIndex(x, y, z), new VoxelIndex(x, y, z + _runs[run].Length - 1)));
        }

        return boxes;
    }
}
