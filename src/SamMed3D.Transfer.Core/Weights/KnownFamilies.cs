using static SamMed3D.Transfer.KeyClue;

namespace SamMed3D.Transfer;

/// <summary>
/// The table of models whose checkpoints are known, told apart by names and numbers of dimensions alone. Sizes and numbers of tensors never
/// decide: they differ between variants and versions.
/// </summary>
/// <remarks>
/// SAM-Med3D's releases (sam_med3d.pth, sam_med3d_turbo.pth) and MedIM's model share one naming. MedSAM is the 2D SAM ViT-B, tensor for
/// tensor, so the two cannot be told apart. MONAI 1.4 and later save cross-attention in each block that the encoder never runs.
/// </remarks>
public static class KnownFamilies
{
    private static readonly IgnoredKeys[] SamHeads =
    [
        new("prompt_encoder.", "prompt encoder"),
        new("mask_decoder.", "mask decoder"),
    ];

    private static readonly IgnoredKeys[] UnetrDecoder =
    [
        // The encoder itself is "vit."; MONAI calls the decoder's side inputs encoder1, encoder2 and so on.
        new("encoder", "decoder"), new("decoder", "decoder"), new("convolutional_skip", "decoder"), new("out.", "decoder"),
    ];

    private static readonly IgnoredKeys[] MonaiHeads =
    [
        new("classification_head.", "classification head"),
        new("cls_token", "class token"),
        new("conv3d_transpose", "reconstruction head"),
    ];

    /// <summary>Prefixes that wrapping modules put before every key: data parallel, compiled, Lightning.</summary>
    public static IReadOnlyList<string> Wrappers { get; } = ["module.", "_orig_mod.", "model.", "net."];

    /// <summary>One row for each naming.</summary>
    public static IReadOnlyList<FamilyPattern> All { get; } =
    [
        new(ModelFamily.SamMed3D, "SAM-Med3D", ModelFamily.SamMed3DEncoder, "image_encoder.",
            [Has("image_encoder.patch_embed.proj.weight", 5), Has("image_encoder.neck."), Has("mask_decoder.")]) { Beside = SamHeads },
        new(ModelFamily.SamMed3DEncoder, "SAM-Med3D encoder alone", ModelFamily.SamMed3DEncoder, "image_encoder.",
            [Has("image_encoder.patch_embed.proj.weight", 5), Has("image_encoder.neck."), Lacks("mask_decoder.")]) { Beside = SamHeads },
        new(ModelFamily.SamMed3DEncoder, "SAM-Med3D encoder alone", ModelFamily.SamMed3DEncoder, "",
            [Has("patch_embed.proj.weight", 5), Has("neck."), Lacks("vit.")]),
        new(ModelFamily.SamMed3DUnetr, "UNETR on the SAM-Med3D encoder", ModelFamily.SamMed3DEncoder, "vit.",
            [Has("vit.patch_embed.proj.weight", 5), Has("vit.neck.")]) { Beside = UnetrDecoder },

        new(ModelFamily.MonaiUnetr, "UNETR (MONAI)", ModelFamily.MonaiViT, "vit.",
            [Has("vit.patch_embedding.position_embeddings", 3), Has("vit.blocks.0.attn.out_proj.weight"), Has("encoder1.layer.conv1.conv.weight", 5)])
        {
            Beside = UnetrDecoder, Unused = [.. CrossAttention("vit."), .. MonaiHeads.Select(head => head with { Prefix = "vit." + head.Prefix })],
        },
        new(ModelFamily.MonaiViT, "ViT (MONAI)", ModelFamily.MonaiViT, "",
            [Has("patch_embedding.position_embeddings", 3), Has("blocks.0.attn.out_proj.weight"), Lacks("vit.")])
        {
            Unused = [.. CrossAttention(""), .. MonaiHeads, new("patch_embedding.cls_token", "class token")],
        },

        Planar(ModelFamily.Sam2d, "2D SAM or MedSAM", "image_encoder.", Lacks("image_encoder.blocks.0.Adapter.")),
        Planar(ModelFamily.Sam2d, "2D SAM or MedSAM", "", Lacks("blocks.0.Adapter.")),
        Planar(ModelFamily.SamMed2d, "SAM-Med2D", "image_encoder.", Has("image_encoder.blocks.0.Adapter.")),
        Planar(ModelFamily.SamMed2d, "SAM-Med2D", "", Has("blocks.0.Adapter.")),

        new(ModelFamily.Adapter3d, "3DSAM-adapter encoder", ModelFamily.Adapter3d, "image_encoder.",
            [Has("image_encoder.patch_embed.proj.weight", 4), Has("image_encoder.slice_embed."), Has("image_encoder.neck_3d.")])
        {
            Beside = SamHeads, Unused = ShiftMasks("image_encoder."),
        },
        new(ModelFamily.Adapter3d, "3DSAM-adapter encoder", ModelFamily.Adapter3d, "",
            [Has("patch_embed.proj.weight", 4), Has("slice_embed."), Has("neck_3d."), Lacks("vit.")]) { Unused = ShiftMasks("") },
        new(ModelFamily.Adapter3dUnetr, "UNETR on the 3DSAM-adapter encoder", ModelFamily.Adapter3d, "vit.",
            [Has("vit.patch_embed.proj.weight", 4), Has("vit.slice_embed."), Has("vit.neck_3d.")]) { Beside = UnetrDecoder },

        // No transformer: its encoder is never loaded alone.
        new(ModelFamily.ResidualUnet, "residual U-Net", ModelFamily.ResidualUnet, "",
            [Has("stem.conv.conv.weight", 5), Has("stages.0.0.conv1.conv.weight", 5), Has("upsamplings."), Lacks("vit.")]),
    ];

    private static FamilyPattern Planar(ModelFamily family, string name, string prefix, KeyClue adapter) =>
        new(family, name, family, prefix, [Has(prefix + "patch_embed.proj.weight", 4), Has(prefix + "neck."), adapter, Lacks(prefix + "slice_embed.")])
        {
            Beside = prefix.Length == 0 ? [] : SamHeads, IsPlanar = true,
        };

    /// <summary>Constants, which are computed here.</summary>
    private static IgnoredKeys[] ShiftMasks(string prefix) => [new(prefix + "blocks.*.attn_mask", "masks of shifted windows, which are computed")];

    private static IgnoredKeys[] CrossAttention(string prefix) =>
    [
        new(prefix + "blocks.*.norm_cross_attn.", "cross-attention that MONAI saves and never runs"),
        new(prefix + "blocks.*.cross_attn.", "cross-attention that MONAI saves and never runs"),
    ];
}
