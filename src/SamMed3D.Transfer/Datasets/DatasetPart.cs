namespace SamMed3D.Transfer;

/// <summary>The part of a data set that a case belongs to.</summary>
public enum DatasetPart
{
    /// <summary>For training and validation; always has labels.</summary>
    Training,

    /// <summary>For testing; may come without labels.</summary>
    Test,
}
