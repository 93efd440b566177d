namespace SamMed3D.Transfer;

/// <summary>Where the clicks of a training step come from: a simulated user, or stored clicks.</summary>
public interface IClickSource
{
    /// <summary>The clicks of a round.</summary>
    /// <param name="round">Counted from 0.</param>
    /// <param name="roundCount">Rounds of the step.</param>
    /// <param name="logits">[N, 1, X, Y, Z], what the round before gave, without gradient; null in round 0.</param>
    /// <param name="labels">[N, 1, X, Y, Z], the truth: 0 or 1.</param>
    /// <returns>New clicks, the caller's; null for a round that has the mask of the round before and nothing else.</returns>
    ClickBatch? ClicksFor(int round, int roundCount, Tensor? logits, Tensor labels);
}
