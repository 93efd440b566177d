using System.Buffers.Binary;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// The few messages of TensorBoard that a training needs, in protobuf's wire format (tensorflow/core/util/event.proto): an Event has a wall time (1), a
/// step (2) and either a file version (3), a Summary (5) or a SessionLog (7). Writing these by hand takes fewer lines than generated classes would.
/// </summary>
internal static class EventMessage
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    /// <summary>What a file begins with.</summary>
    public static byte[] Version(double wallTime) => Event(wallTime, 0, 3, "brain.Event:2"u8);

    /// <summary>A session that starts anew at a step: what readers have from there on is forgotten.</summary>
    public static byte[] SessionStart(double wallTime, long step) => Event(wallTime, step, 7, [1 << 3, 1]);

    /// <summary>Numbers of one step.</summary>
    public static byte[] Scalars(double wallTime, long step, IEnumerable<(string Tag, double Value)> scalars)
    {
        var summary = new List<byte>();
        Span<byte> bits = stackalloc byte[sizeof(float)];
        foreach (var (tag, value) in scalars)
        {
            var one = new List<byte>();
            Put(one, 1, Encoding.UTF8.GetBytes(tag));
            Put(one, 2 << 3 | Fixed32);
            BinaryPrimitives.WriteSingleLittleEndian(bits, (float)value);
            one.AddRange(bits);
            Put(summary, 1, [.. one]);
        }

        return Event(wallTime, step, 5, [.. summary]);
    }

    /// <summary>The step of an event; 0 where it has none. Fields of other kinds are passed over.</summary>
    /// <returns>Null where the bytes are no message.</returns>
    public static long? StepOf(ReadOnlySpan<byte> message)
    {
        long step = 0;
        while (message.Length > 0)
        {
            if (!TryVarint(ref message, out ulong key))
                return null;
            ulong length = sizeof(ulong);
            switch ((int)(key & 7))
            {
                case Varint:
                    if (!TryVarint(ref message, out ulong value))
                        return null;
                    if (key >> 3 == 2)
                        step = (long)value;
                    continue;
                case Fixed32:
                    length = sizeof(uint);
                    break;
                case Bytes:
                    if (!TryVarint(ref message, out length))
                        return null;
                    break;
                case Fixed64:
                    break;
                default:
                    return null;
            }

            if (length > (ulong)message.Length)
                return null;
            message = message[(int)length..];
        }

        return step;
    }

    private static byte[] Event(double wallTime, long step, int field, ReadOnlySpan<byte> content)
    {
        var message = new List<byte>();
        Put(message, 1 << 3 | Fixed64);
        Span<byte> bits = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bits, wallTime);
        message.AddRange(bits);
        Put(message, 2 << 3 | Varint);
        Put(message, (ulong)step);
        Put(message, field, content);
        return [.. message];
    }

    private static void Put(List<byte> message, int field, ReadOnlySpan<byte> content)
    {
        Put(message, (ulong)(field << 3 | Bytes));
        Put(message, (ulong)content.Length);
        message.AddRange(content);
    }

    private static void Put(List<byte> message, ulong value)
    {
        for (; value > 0x7f; value >>= 7)
            message.Add((byte)(value | 0x80));
        message.Add((byte)value);
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && message.Length > 0; shift += 7)
        {
            byte next = message[0];
            message = message[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next <= 0x7f)
                return true;
        }

        return false;
    }
}
