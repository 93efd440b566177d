namespace SamMed3D.Transfer;

/// <summary>The patches of one training step. Disposing it disposes the tensors.</summary>
/// <param name="images">[N, C, X, Y, Z], float32.</param>
/// <param name="labels">[N, 1, X, Y, Z] or [N, X, Y, Z], int64.</param>
/// <param name="caseIds">The case of each patch, for messages.</param>
public sealed class TrainingBatch(Tensor images, Tensor labels, IReadOnlyList<string> caseIds) : IDisposable
{
    /// <summary>[N, C, X, Y, Z], float32.</summary>
    public Tensor Images { get; } = images;

    /// <summary>[N, 1, X, Y, Z] or [N, X, Y, Z], int64.</summary>
    public Tensor Labels { get; } = labels;

    /// <summary>The case of each patch.</summary>
    public IReadOnlyList<string> CaseIds { get; } = caseIds;

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
