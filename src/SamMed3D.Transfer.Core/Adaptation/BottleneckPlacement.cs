namespace SamMed3D.Transfer;

/// <summary>Where a block has its <see cref="BottleneckOptions"/> adapters.</summary>
public enum BottleneckPlacement
{
    /// <summary>After the attention and after the MLP, each before the residual is added (Houlsby et al., arXiv 1902.00751).</summary>
    Series,

    /// <summary>Beside the MLP, on the same input (AdaptFormer, Chen et al., arXiv 2205.13535).</summary>
    Parallel,
}
