namespace SamMed3D.Transfer;

/// <summary>An experiment file that cannot be used; the message has one line for each problem.</summary>
public sealed class ExperimentFileException : FormatException
{
    /// <summary>Everything that was found wrong, in the order of the file.</summary>
    public ExperimentFileException(IReadOnlyList<ExperimentProblem> problems)
        : base(string.Join('\n', problems ?? throw new ArgumentNullException(nameof(problems)))) => Problems = problems;

    /// <inheritdoc/>
    public ExperimentFileException(string message)
        : base(message) => Problems = [];

    /// <inheritdoc/>
    public ExperimentFileException(string message, Exception innerException)
        : base(message, innerException) => Problems = [];

    /// <inheritdoc/>
    public ExperimentFileException() => Problems = [];

    /// <summary>Everything that was found wrong, in the order of the file.</summary>
    public IReadOnlyList<ExperimentProblem> Problems { get; }
}
