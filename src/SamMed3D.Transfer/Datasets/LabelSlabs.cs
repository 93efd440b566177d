using System.Buffers;

namespace SamMed3D.Transfer;

/// <summary>Visits every label of a case in order, in slabs as thick as the cache's chunks, so that each of these is read once.</summary>
internal static class LabelSlabs
{
    /// <summary>Takes the labels of a slab.</summary>
    /// <param name="labels">Of some planes of X, whole.</param>
    /// <param name="first">Flat index of the first of them in the case.</param>
    public delegate void Visitor(ReadOnlySpan<int> labels, int first);

    /// <summary>Visits the slabs one after the other.</summary>
    public static void Visit(IVoxelSource one, Visitor visit)
    {
        var size = one.Geometry.Size;
        int plane = size.Y * size.Z, thickness = Math.Min(ChunkGrid.Edge, size.X);
        int[] rented = ArrayPool<int>.Shared.Rent(thickness * plane);
        try
        {
            for (var x = 0; x < size.X; x += thickness)
            {
                int planes = Math.Min(thickness, size.X - x);
                var labels = rented.AsSpan(0, planes * plane);
                one.ReadLabels(new PatchPlace(x, 0, 0), size with { X = planes }, labels);
                visit(labels, x * plane);
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }
}
