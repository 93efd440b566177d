namespace SamMed3D.Transfer;

/// <summary>Planes of a volume that no window will change any more.</summary>
/// <param name="Sample">Which volume of the batch.</param>
/// <param name="First">Index along X of the first plane.</param>
/// <param name="Values">[K, planes, Y, Z], the weighted means; a view that is good until the receiver returns, on the device where windows are summed up.</param>
public readonly record struct WindowSlab(int Sample, int First, Tensor Values);
