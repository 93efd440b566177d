namespace SamMed3D.Transfer.Tests;

public class PromptableParityTests
{
    public static TheoryData<string> Travelling() => ParityCases.In(Repository.Golden("prompt3d"));

    [Theory]
    [MemberData(nameof(Travelling))]
    public void The_prompt_encoder_equals_the_original(string name) =>
        ParityCases.AllPass(Path.Combine(Repository.Golden("prompt3d"), name), new PromptEncoderParity());

    [SkippableFact]
    public void The_mask_decoder_and_its_gradients_equal_the_original() =>
        ParityCases.AllPass(Repository.Shared("golden/decoder3d/a"), new MaskDecoderParity());

    [SkippableFact]
    public void The_tiny_model_equals_the_original_through_three_clicks_with_mask_memory() =>
        ParityCases.AllPass(Repository.Shared("golden/sam3d_tiny"), new PromptableModelParity());

    [SkippableFact]
    public void A_training_step_has_the_losses_gradients_and_weights_of_the_original() =>
        ParityCases.AllPass(Repository.Shared("golden/sam3d_tiny/train_step"), new PromptableTrainingParity());
}
