namespace SamMed3D.Transfer;

/// <summary>One thing that is wrong with an experiment file, and where.</summary>
/// <param name="Origin">The file, or the <c>--set</c> that brought the value.</param>
/// <param name="Line">Counted from 1; 0 when the value did not come from the file.</param>
/// <param name="Column">Counted from 1; 0 when the value did not come from the file.</param>
/// <param name="Message">What was expected and what came.</param>
public sealed record ExperimentProblem(string Origin, int Line, int Column, string Message)
{
    /// <summary>Such as "run.yaml:12:5: training.steps: expected a whole number, got 'many'".</summary>
    public override string ToString() => Line > 0 ? $"{Origin}:{Line}:{Column}: {Message}" : $"{Origin}: {Message}";
}
