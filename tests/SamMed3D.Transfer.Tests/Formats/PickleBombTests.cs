using static SamMed3D.Transfer.Tests.HandMadePickle;

namespace SamMed3D.Transfer.Tests;

/// <summary>Small files that ask for hours of work or gigabytes of memory are refused at once.</summary>
public sealed class PickleBombTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_large_dict_cannot_be_copied_again_and_again()
    {
        byte[] large = [.. Dict([.. Enumerable.Range(0, 20_000).Select(index => Item($"{index}", None))]), (byte)'q', 0];
        byte[] copy = [.. Call(Global("collections", "OrderedDict"), Tuple([(byte)'h', 0]))];
        AssertRefused(List([large, .. Enumerable.Repeat(copy, 20_000)]), "more work");
    }

    [Fact]
    public void A_long_text_cannot_be_encoded_again_and_again()
    {
        byte[] text = [.. Text(new string('x', 100_000)), (byte)'q', 0];
        byte[] encode = Call(Global("_codecs", "encode"), Tuple([(byte)'h', 0], Text("latin1")));
        AssertRefused(List([text, .. Enumerable.Repeat(encode, 20_000)]), "more work");
    }

    [Fact]
    public void Lists_of_one_tensor_cannot_multiply_it()
    {
        byte[] nested = Vector("FloatStorage", 2);
        for (var level = 0; level < 40; level++)
            nested = [.. List(nested), (byte)'q', (byte)level, .. List([(byte)'h', (byte)level], [(byte)'h', (byte)level])];
        AssertRefused(nested, "more work");
    }

    [Fact]
    public void A_long_list_beside_a_tensor_cannot_be_walked_again_and_again()
    {
        byte[] mixed = [.. List([Vector("FloatStorage", 2), .. Enumerable.Repeat(None, 50_000)]), (byte)'q', 0];
        AssertRefused(List([mixed, .. Enumerable.Repeat<byte[]>([(byte)'h', 0], 20_000)]), "more work");
    }

    [Fact]
    public void A_compressed_pickle_cannot_inflate_beyond_proportion() =>
        AssertRefused([.. Enumerable.Repeat((byte)']', 3_000_000)], "more than a checkpoint's can", isCompressed: true);

    [Fact]
    public void Compressed_zeros_cannot_be_inflated_for_tensor_after_tensor()
    {
        byte[] zeros = new byte[8 << 20];
        byte[] look = Call(Global("torch._utils", "_rebuild_tensor"), Tuple(Storage("ByteStorage", zeros.Length), Number(zeros.Length - 1), Tuple(Number(1)), Tuple(Number(1))));
        AssertRefused(List([.. Enumerable.Repeat(look, 200)]), "size limit", zeros, isCompressed: true);
    }

    [Fact]
    public void Repeated_values_cannot_fill_more_than_the_file_explains()
    {
        byte[] repeated = Call(Global("torch._utils", "_rebuild_tensor"), Tuple(Storage("FloatStorage", 2), Number(0), Tuple(Number(1 << 20)), Tuple(Number(0))));
        AssertRefused(List([.. Enumerable.Repeat(repeated, 5)]), "size limit");
    }

    private void AssertRefused(byte[] content, string reason, byte[]? storage = null, bool isCompressed = false)
    {
        string path = _folder.File("bomb.pth");
        WriteZip(path, content, storage ?? new byte[8], isCompressed: isCompressed);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(path).Dispose()).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 64L << 20);
    }
}
