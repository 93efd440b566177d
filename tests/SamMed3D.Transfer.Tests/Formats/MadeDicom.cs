using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer.Tests;

/// <summary>A made-up DICOM series of 16-bit CT slices, uncompressed; each part of it can be told otherwise.</summary>
internal sealed class MadeDicom
{
    public const int Rows = 40, Columns = 48, Slices = 4;

    public static readonly double[] RowDirection = [Math.Cos(0.2), Math.Sin(0.2), 0], ColumnDirection = [-Math.Sin(0.2), Math.Cos(0.2), 0];

    public string Series { get; init; } = "1.2.826.0.1.3680043.8.498.1";

    public string Description { get; init; } = "made for a test";

    /// <summary>How the elements are written.</summary>
    public bool IsImplicit { get; init; }

    /// <summary>Positions of the slices along the normal, in mm.</summary>
    public double[] Places { get; init; } = [0, 2.5, 5, 7.5];

    /// <summary>Millimetres by which each slice is shifted along its columns against the one before.</summary>
    public double Tilt { get; init; }

    /// <summary>What the scanner measured; the file stores it as 2 * stored - 1000.</summary>
    public static int Value(int x, int y, int z) => 2 * (5000 * z + 70 * y + x) - 1000;

    /// <summary>The first voxel of a slice, LPS.</summary>
    public double[] Position(int slice) => [-20 + Tilt * slice * ColumnDirection[0], 15 + Tilt * slice * ColumnDirection[1], 40 + Places[slice]];

    /// <summary>Where the voxels are, RAS+.</summary>
    public Geometry Geometry() => new(new(Columns, Rows, Places.Length), new Affine(
        new(-RowDirection[0] * 0.75, -ColumnDirection[0] * 1.5, 0, 20),
        new(-RowDirection[1] * 0.75, -ColumnDirection[1] * 1.5, 0, -15),
        new(0, 0, Places.Length > 1 ? Places[1] - Places[0] : 2.5, 40 + Places[0])));

    /// <summary>Writes the series, with names that are in no useful order.</summary>
    public string[] Save(string folder, string prefix = "IM")
    {
        Directory.CreateDirectory(folder);
        return [.. Enumerable.Range(0, Places.Length).Select(slice =>
        {
            string path = Path.Combine(folder, $"{prefix}{7 * (slice + 1) % 10}{slice}");
            File.WriteAllBytes(path, Slice(slice));
            return path;
        })];
    }

    /// <summary>One file.</summary>
    public byte[] Slice(int slice)
    {
        string instance = $"{Series}.{slice + 1}", syntax = IsImplicit ? "1.2.840.10008.1.2" : "1.2.840.10008.1.2.1";
        using var meta = new MemoryStream();
        Write(meta, 0x00020001, "OB", [0, 1], isImplicit: false);
        Write(meta, 0x00020002, "UI", Uid("1.2.840.10008.5.1.4.1.1.2"), isImplicit: false);
        Write(meta, 0x00020003, "UI", Uid(instance), isImplicit: false);
        Write(meta, 0x00020010, "UI", Uid(syntax), isImplicit: false);
        Write(meta, 0x00020012, "UI", Uid("1.2.826.0.1.3680043.8.498"), isImplicit: false);

        using var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        Write(file, 0x00020000, "UL", BitConverter.GetBytes((int)meta.Length), isImplicit: false);
        meta.WriteTo(file);
        Add(0x00080016, "UI", Uid("1.2.840.10008.5.1.4.1.1.2"));
        Add(0x00080018, "UI", Uid(instance));
        Add(0x00080060, "CS", Text("CT"));
        Add(0x00080070, "LO", Text("Nobody"));
        Add(0x0008103e, "LO", Text(Description));
        // A sequence that names another image, which must not be taken for this one.
        using var item = new MemoryStream();
        Write(item, 0x0020000e, "UI", Uid("9.9.9"), IsImplicit);
        Add(0x00081115, "SQ", [0xfe, 0xff, 0x00, 0xe0, .. BitConverter.GetBytes((int)item.Length), .. item.ToArray()]);
        Add(0x00100010, "PN", Text("Nobody"));
        Add(0x00180050, "DS", Text("2.5"));
        Add(0x0020000d, "UI", Uid("1.2.826.0.1.3680043.8.498.99"));
        Add(0x0020000e, "UI", Uid(Series));
        Add(0x00200011, "IS", Text("3"));
        Add(0x00200013, "IS", Text($"{slice + 1}"));
        Add(0x00200032, "DS", Numbers(Position(slice)));
        Add(0x00200037, "DS", Numbers([.. RowDirection, .. ColumnDirection]));
        Add(0x00200052, "UI", Uid("1.2.826.0.1.3680043.8.498.98"));
        Add(0x00280002, "US", Short(1));
        Add(0x00280004, "CS", Text("MONOCHROME2"));
        Add(0x00280010, "US", Short(Rows));
        Add(0x00280011, "US", Short(Columns));
        Add(0x00280030, "DS", Numbers([1.5, 0.75]));
        Add(0x00280100, "US", Short(16));
        Add(0x00280101, "US", Short(16));
        Add(0x00280102, "US", Short(15));
        Add(0x00280103, "US", Short(1));
        Add(0x00281052, "DS", Text("-1000"));
        Add(0x00281053, "DS", Text("2"));
        Add(0x7fe00010, "OW", [.. Enumerable.Range(0, Rows * Columns).SelectMany(index => Short((Value(index % Columns, index / Columns, slice) + 1000) / 2))]);
        return file.ToArray();

        void Add(uint tag, string type, byte[] value) => Write(file, tag, type, value, IsImplicit);
    }

    private static byte[] Short(int value) => BitConverter.GetBytes((short)value);

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + ' ');

    private static byte[] Uid(string text) => Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + '\0');

    private static byte[] Numbers(IEnumerable<double> numbers) => Text(string.Join('\\', numbers.Select(number => number.ToString("0.############", CultureInfo.InvariantCulture))));

    private static void Write(MemoryStream file, uint tag, string type, byte[] value, bool isImplicit)
    {
        file.Write(BitConverter.GetBytes((ushort)(tag >> 16)));
        file.Write(BitConverter.GetBytes((ushort)tag));
        if (isImplicit)
            file.Write(BitConverter.GetBytes(value.Length));
        else
        {
            file.Write(Encoding.ASCII.GetBytes(type));
            if (type is "OB" or "OW" or "SQ")
                file.Write([0, 0, .. BitConverter.GetBytes(value.Length)]);
            else
                file.Write(BitConverter.GetBytes((ushort)value.Length));
        }
        file.Write(value);
    }
}
