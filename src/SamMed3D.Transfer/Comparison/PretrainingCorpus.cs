namespace SamMed3D.Transfer;

/// <summary>What the weights that an arm starts from were trained on.</summary>
public enum PretrainingCorpus
{
    /// <summary>Something else, or nothing known.</summary>
    Other,

    /// <summary>SA-Med3D-140K, and the turbo checkpoint's fine-tuning: the released SAM-Med3D checkpoints.</summary>
    SamMed3D,

    /// <summary>SA-1B, eleven million photographs: the released 2D SAM.</summary>
    SegmentAnything,
}
