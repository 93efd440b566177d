namespace SamMed3D.Transfer.Tests;

public class Sam2dParityTests
{
    [Fact]
    public void The_2D_encoder_equals_the_original() => ParityCases.AllPass(Repository.Golden("sam2d_tiny"), new Sam2dEncoderParity());
}
