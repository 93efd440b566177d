using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The whole model as golden cases describe it.</summary>
internal static class PromptableModelOptionsJson
{
    /// <param name="model">The "model" object of a config.json.</param>
    public static PromptableModelOptions Read(JsonElement model)
    {
        int Int(string name) => model.GetProperty(name).GetInt32();
        var encoder = new EncoderOptions
        {
            ImageSize = Int("img_size"),
            PatchSize = Int("patch_size"),
            EmbeddingWidth = Int("embed_dim"),
            BlockCount = Int("depth"),
            HeadCount = Int("num_heads"),
            WindowSize = Int("window_size"),
            GlobalBlocks = [.. model.GetProperty("global_attn_indexes").EnumerateArray().Select(block => block.GetInt32())],
            OutputChannels = Int("prompt_dim"),
            LayerNormEpsilon = model.GetProperty("encoder_layer_norm_eps").GetDouble(),
        };
        var options = PromptableModelOptions.For(encoder);
        return options with
        {
            Prompts = options.Prompts with { MaskChannels = Int("mask_in_chans") },
            Decoder = options.Decoder with
            {
                AlternativeCount = Int("num_multimask_outputs"),
                IouHeadDepth = Int("iou_head_depth"),
                IouHeadWidth = Int("iou_head_hidden_dim"),
                MlpWidth = Int("transformer_mlp_dim"),
            },
        };
    }
}
