namespace SamMed3D.Transfer;

/// <summary>What a channel's name says about its scale.</summary>
internal static class Modality
{
    private static readonly string[] NamesOfCt = ["CT", "COMPUTED TOMOGRAPHY", "CTA", "CBCT"];

    /// <summary>Whether intensities are Hounsfield units, so that one scale fits all images (nnU-Net asks for the name "CT" just so).</summary>
    public static bool IsCt(string channelName) => Array.IndexOf(NamesOfCt, channelName.Trim().ToUpperInvariant()) >= 0;
}
