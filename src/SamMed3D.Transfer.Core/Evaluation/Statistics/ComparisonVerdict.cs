namespace SamMed3D.Transfer;

/// <summary>What may be said of an arm against the baseline.</summary>
public enum ComparisonVerdict
{
    /// <summary>Better: the corrected test is significant, the interval is above zero, and the difference is beyond the seeds' margin where that is known.</summary>
    Better,

    /// <summary>Worse: likewise, below zero.</summary>
    Worse,

    /// <summary>No difference was found, which does not say that there is none: see the minimum detectable effect.</summary>
    NoDifferenceFound,

    /// <summary>The cases agree on a difference, but other seeds of the same arm differ as much.</summary>
    WithinSeedSpread,

    /// <summary>The test is significant and the interval holds zero, or lies on the other side of it: nothing is claimed.</summary>
    Unclear,

    /// <summary>So few cases that no outcome could have been significant.</summary>
    TooFewCases,

    /// <summary>The difference is the same on every case, which real data do not do: look for an error, such as one run scored twice.</summary>
    AllEqual,
}
