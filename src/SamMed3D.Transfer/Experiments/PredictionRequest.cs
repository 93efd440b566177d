namespace SamMed3D.Transfer;

/// <summary>What to segment, with which model.</summary>
/// <param name="Experiment">How the model is built and how volumes are prepared for it.</param>
/// <param name="Weights">Its weights, a file of a run's checkpoints folder.</param>
/// <param name="Inputs">
/// Volume files of any format, folders of volume files, and folders that hold one DICOM series. Channels are separate files named ..._0000, ..._0001, as in nnU-Net.
/// </param>
/// <param name="Output">Folder for the label files.</param>
/// <param name="Device">Where to compute.</param>
public sealed record PredictionRequest(Experiment Experiment, string Weights, IReadOnlyList<string> Inputs, string Output, DeviceChoice Device)
{
    /// <summary>Who reads DICOM and formats that the library does not know; null for those found on this machine.</summary>
    public IReadOnlyList<IVolumeReader>? Readers { get; init; }
}
