using System.Runtime.InteropServices;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads DICOM and every other format that ITK knows, through libsammed3d_itk, a thin C library that is built where ITK is installed
/// (src/SamMed3D.Transfer.Itk) and found at run time.
/// </summary>
public sealed unsafe class ItkReader : IVolumeReader
{
    /// <summary>The environment variable that names the library's file or its folder.</summary>
    public const string Variable = "SAMMED3D_ITK";

    private const int Interface = 1, ErrorLength = 1024;
    private const string Library = "sammed3d_itk";
    private readonly delegate* unmanaged<byte*, int> _canRead;
    private readonly delegate* unmanaged<byte**, int, long, NativeImage*, byte*, int, int> _read;
    private readonly delegate* unmanaged<void*, void> _free;

    private ItkReader(nint library)
    {
        var version = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "sammed3d_itk_version");
        Name = $"ITK {Marshal.PtrToStringUTF8((nint)version())}";
        _canRead = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, "sammed3d_itk_can_read");
        _read = (delegate* unmanaged<byte**, int, long, NativeImage*, byte*, int, int>)NativeLibrary.GetExport(library, "sammed3d_itk_read");
        _free = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "sammed3d_itk_free");
    }

    /// <summary>Such as "ITK 5.2.1".</summary>
    public string Name { get; }

    /// <summary>Looks for the library where <see cref="Variable"/> says, beside the program, beside this assembly, and on the library path.</summary>
    /// <param name="reason">Why there is none.</param>
    /// <returns>The reader, or null.</returns>
    public static ItkReader? Find(out string reason)
    {
        string file = OperatingSystem.IsWindows() ? $"{Library}.dll" : OperatingSystem.IsMacOS() ? $"lib{Library}.dylib" : $"lib{Library}.so";
        string? named = Environment.GetEnvironmentVariable(Variable);
        IEnumerable<string> places = !string.IsNullOrEmpty(named) ? [Path.GetFullPath(Directory.Exists(named) ? Path.Combine(named, file) : named)]
            : [Path.Combine(AppContext.BaseDirectory, file), Path.Combine(Path.GetDirectoryName(typeof(ItkReader).Assembly.Location) ?? "", file), file];
        reason = $"lib{Library} was not found";
        foreach (string place in places)
        {
            try
            {
                if (!NativeLibrary.TryLoad(place, out nint library))
                {
                    if (File.Exists(place))
                        reason = $"{place} cannot be loaded (does it find ITK's own libraries?)";
                    else if (!string.IsNullOrEmpty(named))
                        reason = $"{Variable} is {named}, where there is no {file}";
                    continue;
                }
                var version = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "sammed3d_itk_interface");
                if (version() == Interface)
                    return new ItkReader(library);
                reason = $"{place} has interface {version()}, expected {Interface}; build it again from src/SamMed3D.Transfer.Itk";
            }
            catch (EntryPointNotFoundException)
            {
                reason = $"{place} is another library than src/SamMed3D.Transfer.Itk builds";
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public bool CanRead(string file)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(file + '\0'))
            return _canRead(path) != 0;
    }

    /// <inheritdoc/>
    public Volume Read(IReadOnlyList<string> files, long limitBytes)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 0)
            throw new ArgumentException("Expected at least one file, got none.", nameof(files));
        NativeImage image;
        var error = new byte[ErrorLength];
        nint[] paths = [.. files.Select(Marshal.StringToCoTaskMemUTF8)];
        int failed;
        try
        {
            fixed (nint* first = paths)
            fixed (byte* text = error)
                failed = _read((byte**)first, paths.Length, limitBytes, &image, text, error.Length);
        }
        finally
        {
            Array.ForEach(paths, Marshal.FreeCoTaskMem);
        }
        if (failed != 0)
            throw BrokenFile.Because(files[0], $"{Name} cannot read it: {Encoding.UTF8.GetString(error).TrimEnd('\0').Trim()}");
        try
        {
            return ToVolume(files[0], image);
        }
        finally
        {
            _free(image.Owner);
        }
    }

    private static Volume ToVolume(string path, in NativeImage image)
    {
        long[] extents = [image.Components, image.Size[0], image.Size[1], image.Size[2], image.Size[3]];
        StoredAxes.RequireSound(path, "the size", extents);
        Size3 size = new StoredAxes(extents, [false, true, true, true, false]).Size(path);
        Geometry geometry;
        try
        {
            geometry = new Geometry(size, new Affine(Row(image, 0, -1), Row(image, 1, -1), Row(image, 2, 1)));
        }
        catch (ArgumentException problem)
        {
            throw BrokenFile.Because(path, problem.Message, problem);
        }
        int channels = (int)image.Components, volumes = (int)image.Size[3];
        var volume = new Volume(empty([channels * volumes, .. size.ToArray()], ScalarType.Float32), geometry);
        var slice = new float[size.X * size.Y];
        for (int time = 0; time < volumes; time++)
            for (int channel = 0; channel < channels; channel++)
                for (int z = 0; z < size.Z; z++)
                {
                    float* source = image.Values + ((long)time * size.Z + z) * slice.Length * channels + channel;
                    for (int index = 0; index < slice.Length; index++)
                        slice[index] = source[(long)index * channels];
                    VoxelOrder.FromFile<float>(slice, volume.Voxels(time * channels + channel), size, z);
                }
        return volume;
    }

    private static AffineRow Row(in NativeImage image, int world, int sign) => new(
        sign * image.Direction[3 * world] * image.Spacing[0], sign * image.Direction[3 * world + 1] * image.Spacing[1],
        sign * image.Direction[3 * world + 2] * image.Spacing[2], sign * image.Origin[world]);

    [StructLayout(LayoutKind.Sequential)]
    private struct NativeImage
    {
        public fixed long Size[4];
        public long Components;
        public fixed double Spacing[3];
        public fixed double Origin[3];
        public fixed double Direction[9];
        public float* Values;
        public void* Owner;
    }
}
