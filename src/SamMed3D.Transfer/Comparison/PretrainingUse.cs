namespace SamMed3D.Transfer;

/// <summary>What SAM-Med3D's authors used a data set for.</summary>
public enum PretrainingUse
{
    /// <summary>The first stage of the training, which every checkpoint went through.</summary>
    Pretraining,

    /// <summary>Both stages: also the fine-tuning that made the turbo checkpoint.</summary>
    PretrainingAndFineTuning,

    /// <summary>Validation, or transfer to data that was not trained on.</summary>
    ValidationOnly,
}
