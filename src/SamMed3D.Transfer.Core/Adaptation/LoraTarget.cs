namespace SamMed3D.Transfer;

/// <summary>The linear layers of a block that <see cref="LoraOptions"/> can adapt.</summary>
public enum LoraTarget
{
    /// <summary>The joint query-key-value projection of the attention.</summary>
    Qkv,

    /// <summary>The projection after the attention.</summary>
    Projection,

    /// <summary>Both layers of the MLP.</summary>
    Mlp,
}
