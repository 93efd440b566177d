namespace SamMed3D.Transfer;

/// <summary>The parity checks that this library has.</summary>
public static class ParityChecks
{
    /// <summary>Every check, in the order in which they are asked whether they know a case.</summary>
    public static IReadOnlyList<ParityCheck> All { get; } =
    [
        new EncoderParity(),
        new AdaptedEncoderParity(),
        new PromptEncoderParity(),
        new MaskDecoderParity(),
        new PromptableModelParity(),
        new PromptableTrainingParity(),
        new FullSizeModelParity(),
        new Sam2dEncoderParity(),
        new InflatedEncoderParity(),
        new RelativePositionParity(),
        new SamAdapterParity(),
        new UnetrParity(),
        new LossParity(),
        new SlidingWindowParity(),
        new CheckpointParity(),
        new NiftiParity(),
        new NrrdMetaParity(),
        new PreprocessParity(),
        new IntensityNormalizationParity(),
        new MetricsParity(),
    ];
}
