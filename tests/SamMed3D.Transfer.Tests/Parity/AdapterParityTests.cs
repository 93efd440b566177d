namespace SamMed3D.Transfer.Tests;

public class AdapterParityTests
{
    [SkippableFact]
    public void The_3dsam_adapter_encoder_equals_the_original_in_outputs_masks_and_gradients() =>
        ParityCases.AllPass(Repository.Shared("golden/adapter3d_tiny"), new SamAdapterParity());

    [Fact]
    public void The_sam_med2d_encoder_equals_the_original() =>
        ParityCases.AllPass(Repository.Golden("sam_med2d_tiny"), new Sam2dEncoderParity());

    [Fact]
    public void No_other_check_takes_the_sam_med2d_case_for_its_own()
    {
        var run = Assert.Single(ParityRun.Run(Repository.Golden("sam_med2d_tiny"), new ParityOptions()));
        Assert.True(run.Passed, run.Worst?.Note);
    }
}
