namespace SamMed3D.Transfer;

/// <summary>What becomes of a structure that is in neither the truth nor the prediction of a case.</summary>
public enum EmptyStructures
{
    /// <summary>It has no scores and is left out of the means.</summary>
    LeftOut,

    /// <summary>That both know it is absent is agreement: Dice, IoU and surface Dice are 1, distances 0. Sensitivity and precision stay undefined.</summary>
    Agree,
}
