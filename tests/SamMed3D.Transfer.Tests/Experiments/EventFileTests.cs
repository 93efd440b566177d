using System.Text;
using Tensorboard;

namespace SamMed3D.Transfer.Tests;

/// <summary>TensorBoard's files, read by a plain reader of their records and by TensorFlow's own message classes.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("123456789", 0xe3069283u)]
    [InlineData("", 0u)]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0x8a9136aau)] // RFC 3720, B.4
    public void The_checksum_has_the_published_values(string text, uint expected) => Assert.Equal(expected, Crc32C.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Numbers_come_back_by_step_and_tag()
    {
        using (var file = EventFile.Begin(_folder.Root, 0))
        {
            file.Write(1, [("training/loss", 0.5), ("validation/left, kidney", double.NaN)]);
            file.Write(300_000_000_000, [("training/loss", 0.25)]);
        }

        var events = Read();
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.InRange(events[1].WallTime, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 600, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.Equal(["1 training/loss 0.5", "1 validation/left, kidney NaN", "300000000000 training/loss 0.25"], Points(events));
    }

    [Fact]
    public void A_run_that_goes_on_has_no_step_twice()
    {
        Write(0, 1, 2, 3, 4, 5);
        Write(3, 4, 5, 6);
        Write(5, 6);
        var events = Read();
        Assert.Equal(Enumerable.Range(1, 6).Select(step => $"{step} loss {step}"), Points(events));
        // What a TensorBoard that has read the first file already goes by.
        Assert.Equal([4L, 6L], events.Where(one => one.SessionLog is { Status: SessionLog.Types.SessionStatus.Start }).Select(one => one.Step));
    }

    [Fact]
    public void A_torn_last_record_harms_nothing_wherever_it_was_torn()
    {
        Write(0, 1, 2);
        string path = Assert.Single(Files());
        byte[] whole = File.ReadAllBytes(path);
        int second = Records(whole).Take(2).Sum(record => record.Length + 16);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Write(2, 3);
            var points = Points(Read());
            Assert.Equal(length < second ? ["3 loss 3"] : ["1 loss 1", "3 loss 3"], points);
            foreach (string file in Files())
                File.Delete(file);
        }
    }

    private void Write(long completed, params long[] steps)
    {
        using var file = EventFile.Begin(_folder.Root, completed);
        foreach (long step in steps)
            file.Write(step, [("loss", step)]);
    }

    private string[] Files() => [.. Directory.GetFiles(_folder.Root, "events.out.tfevents.*").Order(StringComparer.Ordinal)];

    private List<Event> Read() => [.. Files().SelectMany(file => Records(File.ReadAllBytes(file))).Select(record => Event.Parser.ParseFrom(record))];

    private static string[] Points(IEnumerable<Event> events) => [.. events.Where(one => one.Summary is not null).SelectMany(one =>
        one.Summary.Value.Select(value => FormattableString.Invariant($"{one.Step} {value.Tag} {value.SimpleValue}")))];

    /// <summary>The messages of a file of records, every checksum held against one that is computed bit by bit.</summary>
    private static IEnumerable<byte[]> Records(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            int length = (int)BitConverter.ToUInt64(bytes, at);
            Assert.Equal(Masked(bytes[at..(at + 8)]), BitConverter.ToUInt32(bytes, at + 8));
            byte[] message = bytes[(at + 12)..(at + 12 + length)];
            Assert.Equal(Masked(message), BitConverter.ToUInt32(bytes, at + 12 + length));
            yield return message;
            at += 16 + length;
        }
    }

    private static uint Masked(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }
}
