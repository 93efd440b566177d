namespace SamMed3D.Transfer;

/// <summary>Voxel counts of one structure in one case, and the Dice coefficient they give.</summary>
/// <param name="TruePositives">Voxels of the structure in both label maps.</param>
/// <param name="FalsePositives">Voxels in the prediction alone.</param>
/// <param name="FalseNegatives">Voxels in the truth alone.</param>
public readonly record struct DiceScore(long TruePositives, long FalsePositives, long FalseNegatives)
{
    /// <summary>2 TP / (2 TP + FP + FN), from 0 to 1. NaN when the structure is in neither map: such a case says nothing and is left out of means.</summary>
    public double Value => IsEmpty ? double.NaN : 2.0 * TruePositives / (2.0 * TruePositives + FalsePositives + FalseNegatives);

    /// <summary>TP / (TP + FP + FN), from 0 to 1; NaN when the structure is in neither map.</summary>
    public double IntersectionOverUnion => Share(TruePositives, TruePositives + FalsePositives + FalseNegatives);

    /// <summary>TP / (TP + FN), from 0 to 1; NaN when the structure is not in the truth.</summary>
    public double Sensitivity => Share(TruePositives, TruthVoxels);

    /// <summary>TP / (TP + FP), from 0 to 1; NaN when the structure is not in the prediction.</summary>
    public double Precision => Share(TruePositives, PredictedVoxels);

    /// <summary>Whether the structure is in neither label map.</summary>
    public bool IsEmpty => TruePositives + FalsePositives + FalseNegatives == 0;

    /// <summary>Voxels of the structure in the truth.</summary>
    public long TruthVoxels => TruePositives + FalseNegatives;

    /// <summary>Voxels of the structure in the prediction.</summary>
    public long PredictedVoxels => TruePositives + FalsePositives;

    private static double Share(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;
}
