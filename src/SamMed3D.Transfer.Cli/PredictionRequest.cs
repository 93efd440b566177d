namespace SamMed3D.Transfer.Cli;

/// <summary>What to segment, with which model.</summary>
/// <param name="Experiment">How the model is built and how volumes are prepared for it.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Inputs">Volume files, and folders of volume files.</param>
/// <param name="Output">Folder for the label files.</param>
/// <param name="Device">Where to compute.</param>
internal sealed record PredictionRequest(Experiment Experiment, string Weights, IReadOnlyList<string> Inputs, string Output, DeviceChoice Device);
