namespace SamMed3D.Transfer;

/// <summary>
/// Scalars that live as long as the process, for operations that take their time before they read them: TorchSharp's own may be collected while native code
/// runs, and the operation then fails or computes with another number (<see cref="ScalarGuard"/>).
/// </summary>
internal static class HeldScalar
{
    /// <summary>The factor of a plain sum.</summary>
    public static readonly Scalar One = 1;
}
