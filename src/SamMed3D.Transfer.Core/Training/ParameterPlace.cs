using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>The place of a parameter in a model.</summary>
/// <param name="Part">The part.</param>
/// <param name="Block">The encoder's block, counted from 0; -1 outside of blocks.</param>
/// <param name="BlockCount">Blocks of the encoder; 0 where the model has none.</param>
public readonly record struct ParameterPlace(ModelPart Part, int Block, int BlockCount)
{
    private const string Prompts = "prompt_encoder.";

    /// <summary>Layers between this one and the output: 0 for head, prompts and neck, 1 for the last block, more for those before it; the embedding has most.</summary>
    public int Depth => Part switch
    {
        ModelPart.Embedding => BlockCount + 1,
        ModelPart.Block => BlockCount - Block,
        _ => 0,
    };

    /// <summary>The place of a parameter.</summary>
    /// <param name="name">Its name in the model.</param>
    /// <param name="encoder">Where the model keeps its encoder; null where it has none.</param>
    internal static ParameterPlace Of(string name, EncoderField? encoder)
    {
        if (encoder is null || !name.StartsWith(encoder.Prefix, StringComparison.Ordinal))
            return new(name.StartsWith(Prompts, StringComparison.Ordinal) ? ModelPart.Prompts : ModelPart.Head, -1, encoder?.Encoder.Options.BlockCount ?? 0);
        int blockCount = encoder.Encoder.Options.BlockCount;
        string[] parts = name[encoder.Prefix.Length..].Split('.');
        return parts[0] switch
        {
            "blocks" => new(ModelPart.Block, int.Parse(parts[1], CultureInfo.InvariantCulture), blockCount),
            "patch_embed" or "pos_embed" or "patch_embedding" or "slice_embed" or "depth_embed" => new(ModelPart.Embedding, -1, blockCount),
            _ => new(ModelPart.Neck, -1, blockCount),
        };
    }
}
