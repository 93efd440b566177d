using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer;

/// <summary>Direct access to the memory of volume tensors, for loops that visit every voxel.</summary>
internal static class VoxelMemory
{
    /// <summary>A part of a contiguous CPU tensor. Works above 2 GiB too, up to 2^31 - 1 elements.</summary>
    public static Span<T> Of<T>(Tensor values, long start, long count)
        where T : unmanaged
    {
        using Tensor flat = values.view(-1);
        using Tensor first = flat.narrow(0, start, 1);
        ref T reference = ref Unsafe.As<byte, T>(ref MemoryMarshal.GetReference(first.bytes));
        return MemoryMarshal.CreateSpan(ref reference, checked((int)count));
    }

    public static void Require(Tensor values, ScalarType type, Size3 size, bool hasChannels)
    {
        ArgumentNullException.ThrowIfNull(values);
        long[] shape = values.shape;
        bool fits = shape.Length == (hasChannels ? 4 : 3) && shape[^3] == size.X && shape[^2] == size.Y && shape[^1] == size.Z
            && (!hasChannels || shape[0] >= 1);
        string expected = hasChannels ? $"[C, {size.X}, {size.Y}, {size.Z}]" : $"[{size.X}, {size.Y}, {size.Z}]";
        if (!fits)
            throw new ArgumentException($"Expected {expected} as the geometry says, got [{string.Join(", ", shape)}].", nameof(values));
        if (values.dtype != type || values.device_type != DeviceType.CPU || !values.is_contiguous())
            throw new ArgumentException(
                $"Expected a contiguous {type} tensor on the CPU, got {values.dtype} on {values.device}" +
                $"{(values.is_contiguous() ? "" : ", not contiguous")}; use .to(), .cpu() and .contiguous().", nameof(values));
        if (size.Count > int.MaxValue)
            throw new ArgumentException($"A grid of {size} has more than {int.MaxValue} voxels.", nameof(values));
    }
}
