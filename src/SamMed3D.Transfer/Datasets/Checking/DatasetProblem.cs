namespace SamMed3D.Transfer;

/// <summary>One thing that is wrong with a data set.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Case">The case, the file or the fold that it is about.</param>
/// <param name="Expected">What was expected.</param>
/// <param name="Found">What came.</param>
/// <param name="Advice">What to do.</param>
public sealed record DatasetProblem(
    ProblemSeverity Severity, DatasetProblemKind Kind, string Case, string Expected, string Found, string Advice);
