namespace SamMed3D.Transfer;

/// <summary>The weights do not fit the module under the policy. The module was left as it was.</summary>
public sealed class WeightsRefusedException : ArgumentException
{
    /// <param name="message">One line: what does not fit, and what to do.</param>
    /// <param name="report">The whole ledger of what would have been done.</param>
    public WeightsRefusedException(string message, LoadReport report)
        : base(message) => Report = report;

    /// <summary>What would have been done to each tensor.</summary>
    public LoadReport Report { get; }
}
