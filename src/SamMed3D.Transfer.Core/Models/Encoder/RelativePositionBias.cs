namespace SamMed3D.Transfer;

/// <summary>
/// The attention bias of one kind of window. The published code pads windows with zero tokens that take part in the softmax; all of
/// them share one key and one value, so they act as ONE extra key whose bias is the log-sum-exp of theirs. Both bias forms let that
/// sum be written in closed form, from sums over single axes: no pad token is ever computed.
/// </summary>
/// <remarks>
/// Letters: a window has edges L (per axis), of which the low corner (a, b, c) is real; a query token is (d, h, w), a key token
/// (i, j, l). R[p, m] is the table's row p - m + L - 1.
/// </remarks>
internal static class RelativePositionBias
{
    /// <summary>Bias for every real query and real key, and, where the window is padded, for the one key that stands for all padding.</summary>
    /// <param name="form">Published or decomposed.</param>
    /// <param name="queries">[M, heads, a*b*c, K], unscaled.</param>
    /// <param name="padQuery">[M, heads, 1, K], the query of a pad token; null where the window is full.</param>
    /// <param name="tables">For each axis [extent, L, K]: the rows R[p, m] for real p.</param>
    /// <param name="lastTable">[L, L, K]: the rows of the last axis for padded p too (published form, padded windows).</param>
    /// <param name="extents">a, b, c.</param>
    /// <param name="window">L per axis.</param>
    /// <returns>[M, heads, a*b*c, a*b*c (+ 1)].</returns>
    public static Tensor Compute(
        RelativePosition form, Tensor queries, Tensor? padQuery, Tensor[] tables, Tensor lastTable, Size3 extents, Size3 window)
    {
        using var scope = NewDisposeScope();
        long m = queries.shape[0], heads = queries.shape[1], width = queries.shape[3];
        var grid = queries.reshape(m, heads, extents.X, extents.Y, extents.Z, width);
        var bias = form == RelativePosition.Published
            ? Published(grid, padQuery, tables, lastTable, extents, window)
            : Decomposed(grid, padQuery is not null, tables, extents, window);
        return bias.MoveToOuterDisposeScope();
    }

    /// <summary>The rows R[p, m] = table row p - m + L - 1 for p below <paramref name="extent"/>, after the usual resize to 2L - 1 rows.</summary>
    /// <returns>[extent, L, K], float32 or wider.</returns>
    public static Tensor Rows(Tensor table, int extent, int edge)
    {
        using var scope = NewDisposeScope();
        var positions = arange(extent, device: table.device).unsqueeze(1) - arange(edge, device: table.device) + (edge - 1);
        return PositionTables.ResizeRelative(MixedPrecision.Wide(table), 2 * edge - 1)
            .index_select(0, positions.flatten())
            .reshape(extent, edge, table.shape[1])
            .MoveToOuterDisposeScope();
    }

    private static Tensor Published(Tensor queries, Tensor? padQuery, Tensor[] tables, Tensor lastTable, Size3 extents, Size3 window)
    {
        var (a, b, c) = (extents.X, extents.Y, extents.Z);
        int edge = window.Z;
        var row = queries;                                                              // [M, heads, a, b, t, K]
        if (padQuery is not null && c < edge)
            row = cat([queries, padQuery.unsqueeze(2).unsqueeze(2).expand(-1, -1, a, b, edge - c, -1)], 4);
        var first = einsum("mnabck,alk->mnabcl", queries, tables[0]);                    // A[d,h,w; l]
        var second = einsum("mnabtk,blk->mnabtl", row, tables[1]);                       // B[d,h; i,l]
        var third = einsum("mnabtk,tlk->mnabtl", row, lastTable);                        // C[d,h; j,l]
        var rowBias = second.narrow(4, 0, a).narrow(5, 0, c).unsqueeze(5)
            + third.narrow(4, 0, b).narrow(5, 0, c).unsqueeze(4);                        // [M, heads, a, b, i, j, l]
        var pads = padQuery is null ? null : (first + PublishedPads(second, third, extents, edge).unsqueeze(4)).logsumexp(5);
        return Assemble(rowBias.unsqueeze(4), first.narrow(5, 0, c).unsqueeze(5).unsqueeze(5), pads, extents);
    }

    /// <summary>G[d,h; l]: log-sum-exp of B + C over all (i, j) for which (i, j, l) is padding.</summary>
    private static Tensor PublishedPads(Tensor second, Tensor third, Size3 extents, int edge)
    {
        var (a, b, c) = (extents.X, extents.Y, extents.Z);
        var (secondReal, secondPads) = Split(second, a, edge);
        var (thirdReal, thirdPads) = Split(third, b, edge);
        var thirdAll = Either(thirdReal, thirdPads)!;
        var beyond = Either(secondReal, secondPads)! + thirdAll;                        // where l is padding, every i and j counts
        var within = Either(
            secondPads is null ? null : secondPads + thirdAll,
            thirdPads is null ? null : secondReal + thirdPads);
        if (within is null)                                                              // padding along the last axis only
            return cat([full_like(beyond.narrow(4, 0, c), double.NegativeInfinity), beyond.narrow(4, c, edge - c)], 4);
        return c == edge ? within : cat([within.narrow(4, 0, c), beyond.narrow(4, c, edge - c)], 4);
    }

    private static Tensor Decomposed(Tensor queries, bool isPadded, Tensor[] tables, Size3 extents, Size3 window)
    {
        var (a, b, c) = (extents.X, extents.Y, extents.Z);
        var first = einsum("mnabck,aik->mnabci", queries, tables[0]);
        var second = einsum("mnabck,bjk->mnabcj", queries, tables[1]);
        var third = einsum("mnabck,clk->mnabcl", queries, tables[2]);
        var plane = first.narrow(5, 0, a).unsqueeze(6) + second.narrow(5, 0, b).unsqueeze(5);   // [M, heads, a, b, c, i, j]
        Tensor? pads = null;
        if (isPadded)
        {
            var (firstReal, firstPads) = Split(first.transpose(4, 5), a, window.X);
            var (secondReal, secondPads) = Split(second.transpose(4, 5), b, window.Y);
            var (thirdReal, thirdPads) = Split(third.transpose(4, 5), c, window.Z);
            var thirdAll = Either(thirdReal, thirdPads)!;
            var secondAndThird = Either(
                secondPads is null ? null : secondPads + thirdAll,
                thirdPads is null ? null : secondReal + thirdPads);
            pads = Either(
                firstPads is null ? null : firstPads + Either(secondReal, secondPads)! + thirdAll,
                secondAndThird is null ? null : firstReal + secondAndThird);
        }

        return Assemble(plane.unsqueeze(7), third.narrow(5, 0, c).unsqueeze(5).unsqueeze(5), pads, extents);
    }

    /// <summary>Log-sum-exp over the real and over the padded part of axis 4; null where there is none.</summary>
    private static (Tensor Real, Tensor? Pads) Split(Tensor values, int real, int edge) =>
        (values.narrow(4, 0, real).logsumexp(4), real == edge ? null : values.narrow(4, real, edge - real).logsumexp(4));

    private static Tensor? Either(Tensor? left, Tensor? right) =>
        left is null ? right : right is null ? left : logaddexp(left, right);

    private static Tensor Assemble(Tensor left, Tensor right, Tensor? pads, Size3 extents)
    {
        var bias = left + right;                                                         // [M, heads, a, b, c, i, j, l]
        bias = bias.reshape(bias.shape[0], bias.shape[1], extents.Count, extents.Count);
        return pads is null ? bias : cat([bias, pads.reshape(bias.shape[0], bias.shape[1], extents.Count, 1)], 3);
    }
}
