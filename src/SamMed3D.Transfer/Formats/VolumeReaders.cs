namespace SamMed3D.Transfer;

/// <summary>The readers for DICOM and other formats that this machine has.</summary>
public static class VolumeReaders
{
    /// <summary>What is missing where there is none, and how to get it.</summary>
    internal const string HowToGet =
        "neither libsammed3d_itk nor dcm2niix was found: build the one (cmake -S src/SamMed3D.Transfer.Itk -B build/itk && cmake --build build/itk, "
        + "with libinsighttoolkit5-dev; then set SAMMED3D_ITK=build/itk), or install the other";

    private static readonly Lazy<IReadOnlyList<IVolumeReader>> OnThisMachine = new(() =>
        [.. new IVolumeReader?[] { ItkReader.Find(out _), Dcm2niixReader.Find() }.OfType<IVolumeReader>()]);

    /// <summary>ITK and dcm2niix, those of them that were found, in this order. Looked for once, when first needed.</summary>
    public static IReadOnlyList<IVolumeReader> Found => OnThisMachine.Value;
}
