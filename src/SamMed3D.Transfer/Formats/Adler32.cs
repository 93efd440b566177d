namespace SamMed3D.Transfer;

/// <summary>The checksum at the end of zlib data (RFC 1950).</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;

    /// <summary>More bytes than this could overflow before the remainder is taken.</summary>
    private const int LongestRun = 5552;

    /// <summary>The checksum of no bytes.</summary>
    public const uint Start = 1;

    /// <summary>Goes on with more bytes.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint low = checksum & 0xffff, high = checksum >> 16;
        while (bytes.Length > 0)
        {
            foreach (byte one in bytes[..Math.Min(bytes.Length, LongestRun)])
            {
                low += one;
                high += low;
            }
            (low, high) = (low % Modulus, high % Modulus);
            bytes = bytes[Math.Min(bytes.Length, LongestRun)..];
        }
        return high << 16 | low;
    }
}
