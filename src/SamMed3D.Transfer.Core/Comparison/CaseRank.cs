namespace SamMed3D.Transfer;

/// <summary>Why a case is shown.</summary>
public enum CaseRank
{
    /// <summary>The arm scores most on it.</summary>
    Best,

    /// <summary>The arm scores more on half of the others.</summary>
    Median,

    /// <summary>The arm scores least on it.</summary>
    Worst,
}
