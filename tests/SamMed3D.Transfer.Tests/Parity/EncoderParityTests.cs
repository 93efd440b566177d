namespace SamMed3D.Transfer.Tests;

public class EncoderParityTests
{
    public static TheoryData<string> Travelling() => ParityCases.In(Repository.Golden("encoder3d"));

    [Theory]
    [MemberData(nameof(Travelling))]
    public void The_encoder_equals_the_original(string name) =>
        ParityCases.AllPass(Path.Combine(Repository.Golden("encoder3d"), name), new EncoderParity(), new RelativePositionParity());

    [SkippableTheory]
    [InlineData("a_grid4_win14")]
    [InlineData("c_grid4_win2")]
    [InlineData("d1_aniso_windows")]
    [InlineData("d3_cube_larger")]
    [InlineData("e2_eps1e-5")]
    public void The_encoder_equals_the_original_on_the_larger_cases(string name) =>
        ParityCases.AllPass(Repository.Shared($"golden/encoder3d/{name}"), new EncoderParity());

    [Theory]
    [InlineData("b_grid5_win3")]
    [InlineData("d4_cube_smaller")]
    [InlineData("e1_eps1e-6")]
    public void Weights_adapted_at_load_give_the_original_s_output(string name) =>
        ParityCases.AllPass(Path.Combine(Repository.Golden("encoder3d"), name), new AdaptedEncoderParity());

    [SkippableTheory]
    [InlineData("d1_aniso_windows")]
    [InlineData("d3_cube_larger")]
    public void Weights_adapted_at_load_give_the_original_s_output_on_the_larger_cases(string name) =>
        ParityCases.AllPass(Repository.Shared($"golden/encoder3d/{name}"), new AdaptedEncoderParity());

    [SkippableFact]
    public void The_full_size_model_with_weights_by_formula_equals_the_original() =>
        ParityCases.AllPass(Repository.Shared("golden/sam3d_vitb"), new FullSizeModelParity());
}
