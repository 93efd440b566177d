using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>The models whose checkpoints are known.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelFamily>))]
public enum ModelFamily
{
    /// <summary>None that is known.</summary>
    Unknown,

    /// <summary>SAM-Med3D, whole.</summary>
    SamMed3D,

    /// <summary>The image encoder of SAM-Med3D alone.</summary>
    SamMed3DEncoder,

    /// <summary>A UNETR of this library on the SAM-Med3D encoder.</summary>
    SamMed3DUnetr,

    /// <summary>MONAI's UNETR, or this library's on the same plain encoder.</summary>
    MonaiUnetr,

    /// <summary>MONAI's ViT alone: the encoder of its UNETR.</summary>
    MonaiViT,

    /// <summary>The 2D Segment Anything Model, or MedSAM, which has the same keys and sizes.</summary>
    Sam2d,

    /// <summary>SAM-Med2D: the 2D SAM with adapters.</summary>
    SamMed2d,

    /// <summary>The encoder of the 3DSAM-adapter.</summary>
    Adapter3d,

    /// <summary>A UNETR of this library on the encoder of the 3DSAM-adapter.</summary>
    Adapter3dUnetr,

    /// <summary>The residual U-Net of this library.</summary>
    ResidualUnet,
}
