namespace SamMed3D.Transfer;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum RateSchedule
{
    /// <summary>Half a cosine from the full rate to <see cref="TrainerOptions.FinalRateFraction"/> of it (Loshchilov and Hutter 2017, without restarts).</summary>
    Cosine,

    /// <summary>(1 - progress)^0.9, nnU-Net's, down to <see cref="TrainerOptions.FinalRateFraction"/>.</summary>
    Polynomial,

    /// <summary>The full rate until the end.</summary>
    Constant,

    /// <summary>Down by <see cref="TrainerOptions.RateFactor"/> at each of <see cref="TrainerOptions.Milestones"/>: SAM-Med3D's.</summary>
    MultiStep,
}
