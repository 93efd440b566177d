namespace SamMed3D.Transfer;

/// <summary>Index in the case of a patch's first voxel; negative where the patch begins outside the case.</summary>
internal readonly record struct PatchPlace(int X, int Y, int Z)
{
    public int this[int axis] => axis == 0 ? X : axis == 1 ? Y : Z;

    /// <summary>Draws the place of a patch.</summary>
    /// <param name="caseSize">Voxels of the case.</param>
    /// <param name="centre">Flat index of the voxel to centre on as far as the case allows; null for anywhere.</param>
    /// <param name="options">Size of the patch, and whether small cases are jittered.</param>
    /// <param name="random">Always advanced by three numbers, so that what follows does not depend on the case.</param>
    public static PatchPlace Draw(Size3 caseSize, int? centre, PatchOptions options, RandomStream random)
    {
        var patch = options.PatchSize;
        int? x = null, y = null, z = null;
        if (centre is { } voxel)
            (x, y, z) = (voxel / (caseSize.Y * caseSize.Z), voxel / caseSize.Z % caseSize.Y, voxel % caseSize.Z);
        return new PatchPlace(
            Along(caseSize.X, patch.X, x, options.JittersSmallCases, random),
            Along(caseSize.Y, patch.Y, y, options.JittersSmallCases, random),
            Along(caseSize.Z, patch.Z, z, options.JittersSmallCases, random));
    }

    /// <summary>Copies what the patch and the case have in common.</summary>
    /// <param name="from">The case, [..., X, Y, Z].</param>
    /// <param name="to">The patch, [..., X, Y, Z]; the rest of it stays as it is.</param>
    public void Copy(Tensor from, Tensor to)
    {
        using var scope = NewDisposeScope();
        for (var axis = 0; axis < 3; axis++)
        {
            long dimension = from.ndim - 3 + axis;
            long begin = Math.Max(this[axis], 0);
            long length = Math.Min(this[axis] + to.shape[dimension], from.shape[dimension]) - begin;
            from = from.narrow(dimension, begin, length);
            to = to.narrow(dimension, begin - this[axis], length);
        }

        to.copy_(from);
    }

    /// <summary>The same for voxels in memory, Z fastest.</summary>
    public void Copy<T>(ReadOnlySpan<T> from, Size3 fromSize, Span<T> to, Size3 toSize)
        where T : unmanaged
    {
        int x0 = Math.Max(X, 0), y0 = Math.Max(Y, 0), z0 = Math.Max(Z, 0);
        int x1 = Math.Min(X + toSize.X, fromSize.X), y1 = Math.Min(Y + toSize.Y, fromSize.Y), length = Math.Min(Z + toSize.Z, fromSize.Z) - z0;
        if (length <= 0)
            return;
        for (int x = x0; x < x1; x++)
            for (int y = y0; y < y1; y++)
                from.Slice((x * fromSize.Y + y) * fromSize.Z + z0, length).CopyTo(to[(((x - X) * toSize.Y + y - Y) * toSize.Z + z0 - Z)..]);
    }

    private static int Along(int caseExtent, int patchExtent, int? centre, bool jitters, RandomStream random)
    {
        int room = Math.Abs(caseExtent - patchExtent), drawn = random.Below(room + 1);
        if (caseExtent < patchExtent)
            return jitters ? -drawn : -(room / 2);
        return centre is { } voxel ? Math.Clamp(voxel - patchExtent / 2, 0, room) : drawn;
    }
}
