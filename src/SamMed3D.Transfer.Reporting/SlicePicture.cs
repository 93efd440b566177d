namespace SamMed3D.Transfer;

/// <summary>One plane of a case as a PNG.</summary>
/// <param name="Plane">"axial", "coronal" or "sagittal".</param>
/// <param name="Png">The file's bytes.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
public sealed record SlicePicture(string Plane, byte[] Png, int Width, int Height);
