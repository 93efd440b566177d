namespace SamMed3D.Transfer;

/// <summary>Something that a plan decides, and why.</summary>
/// <param name="What">Such as "spacing".</param>
/// <param name="Value">What was decided.</param>
/// <param name="Reason">Why.</param>
public sealed record PlanDecision(string What, string Value, string Reason);
