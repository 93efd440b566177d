namespace SamMed3D.Transfer;

/// <summary>What <see cref="PromptEncoder"/> gives. Disposing it disposes both tensors.</summary>
/// <param name="Sparse">[N, T, C]: a token for each point and each corner of a box, and one that says "not a point"; T is 0 without them.</param>
/// <param name="Dense">[N, C, X', Y', Z']: the mask on the grid of the image embedding.</param>
public sealed record PromptEmbeddings(Tensor Sparse, Tensor Dense) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Sparse.Dispose();
        Dense.Dispose();
    }
}
