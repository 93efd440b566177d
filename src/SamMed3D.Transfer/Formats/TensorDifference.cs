namespace SamMed3D.Transfer;

/// <summary>How two tensors of one name differ.</summary>
/// <param name="First">The one.</param>
/// <param name="Second">The other.</param>
/// <param name="DifferingCount">Elements with different values; null where the shapes differ. 0 where only the type or the bits of zeros and NaNs do.</param>
/// <param name="LargestDifference">Largest absolute difference of two elements, infinite where only one is finite or NaN; null where the shapes differ.</param>
public sealed record TensorDifference(WeightInfo First, WeightInfo Second, long? DifferingCount, double? LargestDifference)
{
    // 8 MiB of float64.
    private const long PieceLength = 1 << 20;

    /// <summary>Compares two tensors; null when type, shape and every bit are equal.</summary>
    internal static TensorDifference? Of(WeightInfo first, IWeightSource firstSource, WeightInfo second, IWeightSource secondSource)
    {
        if (!first.Shape.SequenceEqual(second.Shape))
            return new TensorDifference(first, second, null, null);
        using var scope = NewDisposeScope();
        Tensor one = firstSource.Read(first.Name).contiguous().view(-1L), other = secondSource.Read(second.Name).contiguous().view(-1L);
        bool isSame = first.DType == second.DType;
        var (count, largest) = (0L, 0.0);
        for (var start = 0L; start < one.numel(); start += PieceLength)
        {
            using var pieceScope = NewDisposeScope();
            long length = Math.Min(PieceLength, one.numel() - start);
            Tensor left = one.narrow(0, start, length), right = other.narrow(0, start, length);
            if (first.DType == second.DType && left.bytes.SequenceEqual(right.bytes))
                continue;
            isSame = false;
            Compare(left, right, ref count, ref largest);
        }

        return isSame ? null : new TensorDifference(first, second, count, largest);
    }

    private static void Compare(Tensor left, Tensor right, ref long count, ref double largest)
    {
        Tensor wideLeft = left.to(ScalarType.Float64), wideRight = right.to(ScalarType.Float64);
        var differs = (left.dtype == right.dtype ? left.ne(right) : wideLeft.ne(wideRight))
            & (wideLeft.isnan() & wideRight.isnan()).logical_not();
        long differing = differs.sum().item<long>();
        if (differing == 0)
            return;
        count += differing;
        var distances = (wideLeft - wideRight).abs().masked_select(differs);
        largest = Math.Max(largest, distances.isnan().any().item<bool>() ? double.PositiveInfinity : distances.max().item<double>());
    }
}
