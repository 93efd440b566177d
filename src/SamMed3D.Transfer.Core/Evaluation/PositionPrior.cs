namespace SamMed3D.Transfer;

/// <summary>
/// The guess that knows only where things usually are: at each voxel the commonest label of the training cases, all centred on one
/// grid. A model that scores no better has learned positions, not images.
/// </summary>
/// <remarks>
/// Grids are centred by cropping or zero-padding each axis, half in front (rounded down). What a case does not cover counts as background there. Equally common
/// labels: the lowest wins.
/// </remarks>
public sealed class PositionPrior : IDisposable
{
    private readonly Tensor _counts; // [K, X, Y, Z]

    /// <param name="classCount">Classes with the background.</param>
    /// <param name="size">The common grid.</param>
    public PositionPrior(int classCount, Size3 size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (size.X < 1 || size.Y < 1 || size.Z < 1)
            throw new ArgumentException($"A grid of {size} voxels is empty.", nameof(size));
        Size = size;
        ClassCount = classCount;
        _counts = zeros([classCount, size.X, size.Y, size.Z], ScalarType.Int32).DetachFromDisposeScope();
    }

    /// <summary>The common grid.</summary>
    public Size3 Size { get; }

    /// <summary>Classes with the background.</summary>
    public int ClassCount { get; }

    /// <summary>Training cases counted so far.</summary>
    public int CaseCount { get; private set; }

    /// <summary>Counts one training case.</summary>
    /// <param name="labels">[X, Y, Z], integers from 0 to classCount - 1, of any size.</param>
    /// <exception cref="ArgumentException">The shape is another, or the labels are no integers.</exception>
    public void Accumulate(Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.ndim != 3 || labels.is_floating_point())
            throw new ArgumentException(
                $"Expected integer labels [X, Y, Z], got {labels.dtype} [{string.Join(", ", labels.shape)}].", nameof(labels));
        using var scope = NewDisposeScope();
        var centred = Centred(labels.cpu(), Size);
        for (int label = 0; label < ClassCount; label++)
        {
            // Of one type: a sum that converts the members first reads its factor late. Scalars live through the call (see ScalarGuard).
            using Scalar value = label;
            var members = centred.eq(value).to(ScalarType.Int32);
            _counts[label].add_(members, HeldScalar.One);
        }

        CaseCount++;
    }

    /// <summary>The guess for a case, on its own grid.</summary>
    /// <param name="size">Extents of the case.</param>
    /// <returns>[X, Y, Z], int32, on the CPU; the caller owns it.</returns>
    /// <exception cref="InvalidOperationException">No case was counted.</exception>
    public Tensor Guess(Size3 size)
    {
        if (CaseCount == 0)
            throw new InvalidOperationException("A position prior needs at least one training case.");
        using var scope = NewDisposeScope();
        var commonest = zeros(Size.ToArray(), ScalarType.Int32);
        var votes = _counts[0].clone();
        for (int label = 1; label < ClassCount; label++)
        {
            using Scalar value = label;
            commonest.masked_fill_(_counts[label] > votes, value);
            votes = maximum(votes, _counts[label]);
        }

        return Centred(commonest, size).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _counts.Dispose();

    private static Tensor Centred(Tensor labels, Size3 size)
    {
        var result = zeros(size.ToArray(), labels.dtype);
        var from = labels.alias();
        var to = result.alias();
        for (int axis = 0; axis < 3; axis++)
        {
            long have = labels.shape[axis], want = size[axis], shared = Math.Min(have, want);
            from = from.narrow(axis, (have - shared) / 2, shared);
            to = to.narrow(axis, (want - shared) / 2, shared);
        }

        to.copy_(from);
        return result;
    }
}
