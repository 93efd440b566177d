namespace SamMed3D.Transfer;

/// <summary>Whether data were in what weights were trained on.</summary>
public enum SeenStatus
{
    /// <summary>It is not known, and not assumed either way.</summary>
    Unknown,

    /// <summary>They were: a result on them is no evidence of transfer to unseen data.</summary>
    Seen,

    /// <summary>They are known not to have been.</summary>
    NotSeen,
}
