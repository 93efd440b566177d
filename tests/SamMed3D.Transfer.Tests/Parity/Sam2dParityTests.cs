namespace SamMed3D.Transfer.Tests;

public class Sam2dParityTests
{
    [Fact]
    public void The_2D_encoder_equals_the_original() => ParityCases.AllPass(Repository.Golden("sam2d_tiny"), new Sam2dEncoderParity());

    [Fact]
    public void Inflated_along_any_axis_it_encodes_every_slice_of_a_constant_volume_as_the_original_encodes_the_image() =>
        ParityCases.AllPass(Repository.Golden("sam2d_tiny"), new InflatedEncoderParity());
}
