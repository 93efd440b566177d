namespace SamMed3D.Transfer;

/// <summary>A module that decides where values are narrowed; <see cref="MixedPrecision"/> tells it to what.</summary>
internal interface IComputesNarrow
{
    /// <summary>What to narrow to.</summary>
    ComputePrecision Precision { get; set; }
}
