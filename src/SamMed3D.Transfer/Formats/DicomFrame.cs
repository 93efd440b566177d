namespace SamMed3D.Transfer;

/// <summary>Where one slice lies: DICOM's ImagePositionPatient, ImageOrientationPatient and PixelSpacing (LPS, mm).</summary>
/// <param name="Path">The file it is in.</param>
/// <param name="Position">Centre of the first pixel; null where the file does not say.</param>
/// <param name="Orientation">Direction of the rows, then of the columns: six numbers; null where the file does not say.</param>
/// <param name="Spacing">Distance of rows, then of columns; null where the file does not say.</param>
internal sealed record DicomFrame(string Path, double[]? Position, double[]? Orientation, double[]? Spacing);
