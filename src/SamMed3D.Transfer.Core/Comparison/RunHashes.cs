namespace SamMed3D.Transfer;

/// <summary>What shows that arms differ in nothing but what they are meant to: SHA-256 in lower-case hex, null where it does not apply.</summary>
public sealed record RunHashes
{
    /// <summary>Of the case ids that are trained and validated on.</summary>
    public string? Split { get; init; }

    /// <summary>Of the order and places of the training patches.</summary>
    public string? PatchOrder { get; init; }

    /// <summary>Of the decoder's parameters before the first step; null for a network with another decoder.</summary>
    public string? DecoderInitialization { get; init; }

    /// <summary>Of the file that the run started from; null where there is none.</summary>
    public string? StartWeights { get; init; }
}
