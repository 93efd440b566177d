namespace SamMed3D.Transfer;

/// <summary>How bad a problem of a data set is.</summary>
public enum ProblemSeverity
{
    /// <summary>Worth knowing; nothing need be done.</summary>
    Note,

    /// <summary>Training runs, but what comes of it may be wrong or too good: look at it.</summary>
    Warning,

    /// <summary>Training cannot use the case, or the result would not count.</summary>
    Error,
}
