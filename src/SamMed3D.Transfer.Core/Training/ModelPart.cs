using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>Where in a model a parameter sits, from the volume to the output.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelPart>))]
public enum ModelPart
{
    /// <summary>The encoder's patch embedding and absolute positions.</summary>
    Embedding,

    /// <summary>One of the encoder's transformer blocks.</summary>
    Block,

    /// <summary>What the encoder has after its blocks: a neck, or a final norm.</summary>
    Neck,

    /// <summary>The prompt encoder of a promptable model.</summary>
    Prompts,

    /// <summary>Everything else outside of the encoder: a decoder.</summary>
    Head,
}
