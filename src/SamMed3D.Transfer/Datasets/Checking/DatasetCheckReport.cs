namespace SamMed3D.Transfer;

/// <summary>What a look at every case of a data set found.</summary>
/// <param name="Source">The folder or list.</param>
/// <param name="Layout">How it is laid out; null where its description cannot be read.</param>
/// <param name="TrainingCases">Training cases that were read.</param>
/// <param name="TestCases">Test cases that were read.</param>
/// <param name="Problems">The worst first, then by case.</param>
public sealed record DatasetCheckReport(
    string Source, DatasetLayout? Layout, int TrainingCases, int TestCases, IReadOnlyList<DatasetProblem> Problems)
{
    /// <summary>Whether something must be mended before training.</summary>
    public bool HasErrors => Problems.Any(problem => problem.Severity == ProblemSeverity.Error);

    /// <summary>How many problems are as bad as this.</summary>
    public int Count(ProblemSeverity severity) => Problems.Count(problem => problem.Severity == severity);
}
