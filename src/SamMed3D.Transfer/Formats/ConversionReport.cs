namespace SamMed3D.Transfer;

/// <summary>What became of a checkpoint's tensors.</summary>
/// <param name="Source">The path read.</param>
/// <param name="Target">The path written.</param>
/// <param name="TensorCount">Tensors written.</param>
/// <param name="RenamedCount">Tensors that lost the prefix.</param>
/// <param name="CastCount">Tensors whose type changed.</param>
/// <param name="LeftOutCount">Tensors of the source outside of its model's state dict, such as an optimizer's, which are not written.</param>
public sealed record ConversionReport(string Source, string Target, int TensorCount, int RenamedCount, int CastCount, int LeftOutCount);
