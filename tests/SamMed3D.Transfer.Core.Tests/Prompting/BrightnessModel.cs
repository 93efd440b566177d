namespace SamMed3D.Transfer.Tests;

/// <summary>
/// A promptable model with hand-made weights that calls each cell of 8^3 voxels foreground when its mean is above 0 after normalisation,
/// whatever the prompts: what happens around the model can be predicted voxel by voxel.
/// </summary>
internal static class BrightnessModel
{
    public static PromptableModel Create()
    {
        var model = new PromptableModel(TinyPromptable.Options);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var state = model.state_dict();
        foreach (var (name, tensor) in state)
            if (!IsNormScale(name))
                tensor.zero_();

        // Channels 0 and 1 carry the mean and its negative; norms make +1 and -1 times a constant of them.
        state["image_encoder.patch_embed.proj.weight"][0].fill_(1.0 / 512);
        state["image_encoder.patch_embed.proj.weight"][1].fill_(-1.0 / 512);
        for (int channel = 0; channel < 2; channel++)
        {
            state["image_encoder.neck.0.weight"][channel, channel].fill_(1);
            state["image_encoder.neck.2.weight"][channel, channel, 1, 1, 1].fill_(1);
            state["mask_decoder.output_upscaling.0.weight"][channel, channel].fill_(1);
            state["mask_decoder.output_upscaling.3.weight"][channel, channel].fill_(1);
            state["mask_decoder.output_hypernetworks_mlps.0.layers.2.bias"][channel].fill_(channel == 0 ? 4 : -2);
        }

        // Twice as sure of foreground as of background: interpolation then moves no face and cuts no corner of a block.

        state["mask_decoder.iou_prediction_head.layers.2.bias"].fill_(0.75);
        return model;
    }

    private static bool IsNormScale(string name) =>
        name.EndsWith(".weight", StringComparison.Ordinal) && (name.Contains("norm", StringComparison.Ordinal)
            || name is "image_encoder.neck.1.weight" or "image_encoder.neck.3.weight" or "mask_decoder.output_upscaling.1.weight");
}
