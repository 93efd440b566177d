namespace SamMed3D.Transfer;

/// <summary>The readers for DICOM and other formats that this machine has.</summary>
public static class VolumeReaders
{
    private static readonly Lazy<IReadOnlyList<IVolumeReader>> OnThisMachine = new(() => []);

    /// <summary>Those that were found, the one asked first in front. Looked for once, when first needed.</summary>
    public static IReadOnlyList<IVolumeReader> Found => OnThisMachine.Value;
}
