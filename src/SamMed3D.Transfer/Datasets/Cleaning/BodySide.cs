namespace SamMed3D.Transfer;

/// <summary>The side of the person that a mask lies on.</summary>
public enum BodySide
{
    /// <summary>The organ is not split.</summary>
    Whole,

    /// <summary>The person's left.</summary>
    Left,

    /// <summary>The person's right.</summary>
    Right,
}
