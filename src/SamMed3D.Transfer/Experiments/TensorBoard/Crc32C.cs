using System.Buffers.Binary;
using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>The checksum of TensorFlow's record files: CRC-32C (Castagnoli), masked so that a checksum of checksums is no fixed point.</summary>
internal static class Crc32C
{
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>The plain checksum.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint state = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            state = BitOperations.Crc32C(state, value);
        return ~state;
    }

    /// <summary>The checksum as it stands in the file: turned by 15 bits, and a constant added.</summary>
    public static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Of(bytes), 15) + MaskDelta;
}
