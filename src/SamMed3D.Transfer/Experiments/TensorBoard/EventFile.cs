using System.Buffers.Binary;
using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>
/// The curves of a run as TensorBoard reads them: records of a length, its checksum, a message and its checksum. A step is written in one go, so that a
/// crash leaves whole records and, at most, a torn last one, which readers leave out.
/// </summary>
internal sealed class EventFile : IDisposable
{
    private const string Pattern = "events.out.tfevents.*";
    private const int HeadBytes = sizeof(ulong) + sizeof(uint), TailBytes = sizeof(uint);

    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    private EventFile(FileStream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
    }

    /// <summary>
    /// Begins a file. What earlier files of a run that goes on have beyond its step is cut off, torn records too, so that no step is there twice; and the
    /// new file says where it starts, which a TensorBoard that has read the old ones already goes by.
    /// </summary>
    /// <param name="folder">Where the files of the run are, or will be.</param>
    /// <param name="completedSteps">Steps done; 0 for a new run.</param>
    /// <param name="time">The clock; the system's unless told.</param>
    public static EventFile Begin(string folder, long completedSteps, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        Directory.CreateDirectory(folder);
        string[] earlier = [.. Directory.EnumerateFiles(folder, Pattern).Order(StringComparer.Ordinal)];
        foreach (string file in earlier)
            Cut(file, completedSteps);
        // TensorBoard reads the files in the order of their names.
        string name = string.Create(CultureInfo.InvariantCulture,
            $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeSeconds():0000000000}.{Environment.MachineName}.{Environment.ProcessId}.{earlier.Length}");
        var begun = new EventFile(
            new FileStream(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0), time);
        begun.Append(EventMessage.Version(begun.WallTime));
        if (completedSteps > 0)
            begun.Append(EventMessage.SessionStart(begun.WallTime, completedSteps + 1));
        return begun;
    }

    /// <summary>Writes the numbers of a step.</summary>
    public void Write(long step, IEnumerable<(string Tag, double Value)> scalars) => Append(EventMessage.Scalars(WallTime, step, scalars));

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private double WallTime => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private void Append(byte[] message)
    {
        var record = new byte[HeadBytes + message.Length + TailBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), Crc32C.Masked(record.AsSpan(0, sizeof(ulong))));
        message.CopyTo(record, HeadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeadBytes + message.Length), Crc32C.Masked(message));
        FullDisk.Named(_stream.Name, () => _stream.Write(record));
    }

    /// <summary>Cuts a file before its first record that is torn or of a later step; without any point left it goes.</summary>
    private static void Cut(string path, long lastStep)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int end = 0, points = 0;
        while (Whole(bytes.AsSpan(end)) is { } length && EventMessage.StepOf(bytes.AsSpan(end + HeadBytes, length)) is { } step && step <= lastStep)
        {
            end += HeadBytes + length + TailBytes;
            points += step > 0 ? 1 : 0;
        }

        if (points == 0)
        {
            File.Delete(path);
            return;
        }

        if (end == bytes.Length)
            return;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write);
        stream.SetLength(end);
    }

    /// <returns>Bytes of the message of the record that the bytes begin with; null where it is not whole.</returns>
    private static int? Whole(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes + TailBytes || Crc32C.Masked(bytes[..sizeof(ulong)]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(ulong)..]))
            return null;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (length > (ulong)(bytes.Length - HeadBytes - TailBytes))
            return null;
        var message = bytes.Slice(HeadBytes, (int)length);
        return Crc32C.Masked(message) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[(HeadBytes + (int)length)..]) ? (int)length : null;
    }
}
