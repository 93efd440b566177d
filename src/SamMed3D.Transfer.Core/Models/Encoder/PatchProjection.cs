namespace SamMed3D.Transfer;

/// <summary>How a checkpoint of UNETR's backbone stores the map from a patch to a token. The two compute the same kind of map.</summary>
public enum PatchProjection
{
    /// <summary>Weights of a strided convolution, [E, C, P, P, P]: MONAI's <c>proj_type="conv"</c>.</summary>
    Convolution,

    /// <summary>Weights of a linear layer over the patch's voxels, [E, P·P·P·C], channel fastest: MONAI's <c>proj_type="perceptron"</c>.</summary>
    Perceptron,
}
