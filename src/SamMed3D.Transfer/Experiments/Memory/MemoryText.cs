namespace SamMed3D.Transfer;

/// <summary>Writes sizes as a person reads them.</summary>
internal static class MemoryText
{
    /// <summary>Such as "0.4 GB" (2^30 bytes).</summary>
    public static string Of(long bytes) => FormattableString.Invariant($"{bytes / (double)(1L << 30):0.0} GB");
}
