namespace SamMed3D.Transfer;

/// <summary>Where the trainer takes its batches from.</summary>
public interface IBatchSource
{
    /// <summary>The batch of one step: the same for the same seed and step, whatever was asked before, so that a run can be resumed.</summary>
    /// <param name="stepIndex">Counted from 0.</param>
    /// <returns>The batch, on any device; the caller owns it.</returns>
    TrainingBatch BatchAt(long stepIndex);
}
