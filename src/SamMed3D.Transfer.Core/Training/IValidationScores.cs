namespace SamMed3D.Transfer;

/// <summary>What a validation found, of whatever kind of model.</summary>
public interface IValidationScores
{
    /// <summary>The one number by which the best weights are chosen; the higher the better.</summary>
    double Mean { get; }
}
