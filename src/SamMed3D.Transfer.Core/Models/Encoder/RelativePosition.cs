namespace SamMed3D.Transfer;

/// <summary>Which relative-position bias the attention of <see cref="ImageEncoder"/> adds.</summary>
public enum RelativePosition
{
    /// <summary>
    /// As in SAM-Med3D's code since its first upload, quirk included: all three terms are indexed by the key's last coordinate, and
    /// the second and third read the query of another token of the row. Needed by the released weights; global blocks take cubic
    /// grids only.
    /// </summary>
    Published,

    /// <summary>
    /// The textbook decomposition of ViTDet (Li et al., arXiv 2203.16527) in 3D: one term per axis, each from the token's own query.
    /// For training from scratch, for weights inflated from 2D SAM, and for non-cubic grids.
    /// </summary>
    Decomposed,

    /// <summary>No relative positions, and no tables in the checkpoint.</summary>
    None,
}
