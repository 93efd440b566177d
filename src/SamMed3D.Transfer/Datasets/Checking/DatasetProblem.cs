namespace SamMed3D.Transfer;

/// <summary>One thing that is wrong with a data set.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Case">The case, the class or the fold that it is about.</param>
/// <param name="Expected">What was expected.</param>
/// <param name="Found">What came.</param>
/// <param name="Advice">What to do.</param>
/// <param name="File">The file to look at: its path below the data set's folder, or whole where it lies elsewhere; null where no single file is at fault.</param>
public sealed record DatasetProblem(
    ProblemSeverity Severity, DatasetProblemKind Kind, string Case, string Expected, string Found, string Advice, string? File = null)
{
    /// <summary>With the path of the file as a report shows it.</summary>
    internal DatasetProblem Below(string root)
    {
        if (File is null)
            return this;
        string relative = Path.GetRelativePath(root, Path.Combine(root, File));
        return relative.StartsWith("..", StringComparison.Ordinal) ? this : this with { File = relative };
    }
}
