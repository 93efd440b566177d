namespace SamMed3D.Transfer;

/// <summary>What happens when the loss or the gradients become infinite or no number.</summary>
public enum NonFiniteAction
{
    /// <summary>The training stops before the step and says which cases and which tensor.</summary>
    Stop,

    /// <summary>The step is left out and counted; so many in a row as <see cref="TrainerOptions.MostSkipsInARow"/> stop the training all the same.</summary>
    Skip,
}
