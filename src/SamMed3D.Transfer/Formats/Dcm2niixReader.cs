using System.Diagnostics;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads DICOM with dcm2niix (https://github.com/rordenlab/dcm2niix), run as a process that writes NIfTI into a temporary folder, which
/// is removed. The second way, where there is no ITK.
/// </summary>
public sealed class Dcm2niixReader : IVolumeReader
{
    private readonly string _program;

    private Dcm2niixReader(string program) => _program = program;

    /// <inheritdoc/>
    public string Name => "dcm2niix";

    /// <summary>Looks for the program on the PATH.</summary>
    /// <returns>The reader, or null.</returns>
    public static Dcm2niixReader? Find()
    {
        string name = OperatingSystem.IsWindows() ? "dcm2niix.exe" : "dcm2niix";
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return program is null ? null : new Dcm2niixReader(program);
    }

    /// <inheritdoc/>
    public bool CanRead(string file) => DicomHeaderReader.Recognises(VolumeFormats.ReadStart(file));

    /// <inheritdoc/>
    public Volume Read(IReadOnlyList<string> files, long limitBytes)
    {
        ArgumentNullException.ThrowIfNull(files);
        string folder = Directory.CreateTempSubdirectory("sammed3d-dicom-").FullName;
        try
        {
            string input = Directory.CreateDirectory(Path.Combine(folder, "in")).FullName, output = Directory.CreateDirectory(Path.Combine(folder, "out")).FullName;
            for (int index = 0; index < files.Count; index++)
                File.Copy(files[index], Path.Combine(input, $"{index:000000}.dcm"));
            string said = Run(input, output);
            string[] written = [.. Directory.EnumerateFiles(output, "*.nii")];
            return written.Length == 1
                ? ReadWritten(files[0], written[0], limitBytes)
                : throw BrokenFile.Because(files[0], $"dcm2niix made {written.Length} volumes of the series, expected one: {said}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Errors name the series, not the file that is gone.</summary>
    private static Volume ReadWritten(string path, string written, long limitBytes)
    {
        try
        {
            return NiftiFile.Open(written).ReadVolume(limitBytes);
        }
        catch (InvalidDataException error)
        {
            throw BrokenFile.Because(path, error.Message.Replace(written, "as dcm2niix converts it", StringComparison.Ordinal), error);
        }
    }

    /// <summary>Plain NIfTI, no side-car file, nothing about the patient in names.</summary>
    private string Run(string input, string output)
    {
        var start = new ProcessStartInfo(_program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-b", "n", "-z", "n", "-m", "y", "-f", "series", "-o", output, input])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{_program} did not start.");
        Task<string> error = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string[] lines = [.. (said + '\n' + error.GetAwaiter().GetResult()).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        return lines.LastOrDefault(line => line.Contains("Error", StringComparison.OrdinalIgnoreCase)) ?? lines.LastOrDefault() ?? $"exit code {process.ExitCode}";
    }
}
