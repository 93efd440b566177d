using System.IO.Compression;
using System.Text;

namespace SamMed3D.Transfer.Tests;

/// <summary>Pieces of pickles (protocol 2), and files of torch.save around them, for what torch itself writes only rarely or on other machines.</summary>
internal static class HandMadePickle
{
    /// <summary>A key and a pickled value.</summary>
    public static byte[] Item(string key, byte[] value) => [.. Text(key), .. value, (byte)'s'];

    public static byte[] Dict(params byte[][] items) => [(byte)'}', .. items.SelectMany(item => item)];

    public static byte[] List(params byte[][] items) => [.. "]("u8, .. items.SelectMany(item => item), (byte)'e'];

    public static byte[] Tuple(params byte[][] items) => [(byte)'(', .. items.SelectMany(item => item), (byte)'t'];

    public static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Number(int value) => [(byte)'J', .. BitConverter.GetBytes(value)];

    public static byte[] Global(string module, string name) => [.. Encoding.ASCII.GetBytes($"c{module}\n{name}\n")];

    /// <summary>Calls a function, or makes an object of a class as pickle's NEWOBJ does.</summary>
    public static byte[] Call(byte[] callee, byte[] arguments, bool isNew = false) => [.. callee, .. arguments, isNew ? (byte)0x81 : (byte)'R'];

    public static byte[] None => "N"u8.ToArray();

    public static byte[] False => [0x89];

    /// <summary>A reference to the storage "0".</summary>
    public static byte[] Storage(string type, int count, bool isOld = false) => Storage(Global("torch", type), count, isOld);

    /// <summary>A reference to the storage "0" of any class; the old format has one more field.</summary>
    public static byte[] Storage(byte[] type, int count, bool isOld = false) =>
        [.. Tuple([Text("storage"), type, Text("0"), Text("cpu"), Number(count), .. isOld ? new[] { None } : []]), (byte)'Q'];

    /// <summary>A contiguous vector over the storage "0".</summary>
    public static byte[] Vector(string type, int count, bool isOld = false) => Call(
        Global("torch._utils", "_rebuild_tensor_v2"),
        Tuple(Storage(type, count, isOld), Number(0), Tuple(Number(count)), Tuple(Number(1)), False, Call(Global("collections", "OrderedDict"), Tuple())));

    public static byte[] Whole(byte[] content) => [0x80, 2, .. content, (byte)'.'];

    /// <summary>A zip file with this pickle and the storage "0".</summary>
    public static void WriteZip(string path, byte[] content, byte[] storage, string? byteOrder = null, bool isCompressed = false)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        Add("archive/data.pkl", Whole(content));
        Add("archive/data/0", storage);
        if (byteOrder is not null)
            Add("archive/byteorder", Encoding.ASCII.GetBytes(byteOrder));

        void Add(string name, byte[] bytes)
        {
            using var record = archive.CreateEntry(name, isCompressed ? CompressionLevel.SmallestSize : CompressionLevel.NoCompression).Open();
            record.Write(bytes);
        }
    }

    /// <summary>A file in the old format with this pickle and the storage "0" of so many elements.</summary>
    public static void WriteLegacy(string path, byte[] content, byte[] storage, long count, bool littleEndian = true) => File.WriteAllBytes(path,
    [
        .. Whole([0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]), .. Whole([(byte)'M', 0xe9, 3]),
        .. Whole(Dict(Item("little_endian", [littleEndian ? (byte)0x88 : (byte)0x89]))), .. Whole(content), .. Whole(List(Text("0"))),
        .. BitConverter.GetBytes(count), .. storage,
    ]);
}
