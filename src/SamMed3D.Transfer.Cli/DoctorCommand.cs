using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d doctor</c>: what this machine has, what is missing, and what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new ExampleCommand("doctor", "Tell what this machine has, whether torch works on it, and what to do about what is missing.", """
            Versions, system libraries, devices, threads and memory. Exit code 1 when torch cannot be used.

            Example:
              sammed3d doctor
            """);
        command.SetAction(_ => Run(terminal, AppContext.BaseDirectory, TorchProof.Try));
        return command;
    }

    /// <param name="terminal">Where to write.</param>
    /// <param name="folder">The output folder that is looked at.</param>
    /// <param name="tryTorch">Tries torch.</param>
    internal static int Run(Terminal terminal, string folder, Func<(TorchProof? Proof, string? Failure)> tryTorch)
    {
        var advice = new List<string>();
        var loader = LoaderStep.Inspect(folder);
        ElfVersionNeeds.SystemOffersNewLibStdCxx(out string libStdCxx);
        bool isCudaBuild = Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*torch_cuda*", SearchOption.AllDirectories).Any();

        Write("sammed3d", Version(typeof(DoctorCommand).Assembly));
        Write(".NET", $"{Environment.Version} ({RuntimeInformation.RuntimeIdentifier})");
        Write("TorchSharp", Version(typeof(TorchSharp.torch).Assembly));
        Write("back end", isCudaBuild ? "cuda" : "cpu");
        Write("system", MachineFacts.OperatingSystem);
        if (OperatingSystem.IsLinux())
        {
            Write("glibc", MachineFacts.Glibc ?? "unknown");
            Write("libstdc++", $"{MachineFacts.NewestLibStdCxx(libStdCxx) ?? "not found"} ({libStdCxx})");
        }

        Write("loader step", loader.Text);
        if (loader.Advice is not null)
            advice.Add(loader.Advice);
        Write("processor", $"{MachineFacts.Processor ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores");
        Write("memory", $"{Gibibytes(MachineFacts.TotalMemory)} in all"
            + (MachineFacts.AvailableMemory is { } available ? $", {Gibibytes(available)} available" : ""));
        var cards = MachineFacts.NvidiaCards;
        if (cards.Count > 0)
            Write("NVIDIA cards", string.Join(", ", cards));

        var itk = ItkReader.Find(out string whyNoItk);
        bool hasDcm2niix = Dcm2niixReader.Find() is not null;
        Write("DICOM", itk is not null ? $"{itk.Name}{(hasDcm2niix ? "; dcm2niix as well" : "")}"
            : hasDcm2niix ? $"dcm2niix ({whyNoItk})" : $"not read ({whyNoItk}; no dcm2niix)");
        if (itk is null && !hasDcm2niix)
            advice.Add("To read DICOM, " + DicomAdvice);

        var (proof, failure) = tryTorch();
        bool works = proof is not null && Math.Abs(proof.Result - TorchProof.Expected) < 1;
        if (proof is null)
        {
            Write("torch", $"DOES NOT LOAD: {failure}");
            advice.Add(loader.Advice is null
                ? $"Torch does not load although its loader step is fine. Delete the folder {Path.Combine(folder, "cpu")} if it is there, then run 'dotnet build' again."
                : "Torch cannot load before the loader step is in order (see above). TorchSharp's own message about a missing package reference misleads.");
        }
        else
        {
            Write("LibTorch", proof.LibTorchVersion);
            Write("torch threads", proof.Threads.ToString(CultureInfo.InvariantCulture));
            Write("CUDA", proof.CudaDevices > 0 ? $"{proof.CudaDevices} device(s), cuda:0 to cuda:{proof.CudaDevices - 1}" : "not available");
            Write("torch", works ? "works (a small matrix product is right)" : $"GIVES WRONG NUMBERS: {proof.Result}, expected {TorchProof.Expected}");
            if (proof.CudaDevices == 0)
                advice.Add(CudaAdvice(isCudaBuild, cards.Count));
            if (!works)
                advice.Add("Delete bin and obj and build again; if it stays wrong, the processor or the natives are damaged.");
        }

        terminal.Line();
        foreach (string line in advice)
            terminal.Line($"- {line}");
        if (advice.Count == 0)
            terminal.Line("Nothing is missing.");
        return works ? ExitCode.Ok : ExitCode.Failure;

        void Write(string name, string value) => terminal.Line($"{name,-14}{value}");
    }

    private const string DicomAdvice = "install dcm2niix; or libinsighttoolkit5-dev, then 'cmake -S src/SamMed3D.Transfer.Itk -B build/itk && "
        + "cmake --build build/itk', and set SAMMED3D_ITK=build/itk. NIfTI, NRRD and MetaImage need neither.";

    private static string CudaAdvice(bool isCudaBuild, int cards) => (isCudaBuild, cards) switch
    {
        (false, > 0) => "There is an NVIDIA card, but this is the CPU build: build with -p:TorchBackend=cuda to use it.",
        (false, _) => "No NVIDIA driver was found, so the CPU is used. On a machine with one, build with -p:TorchBackend=cuda.",
        (true, > 0) => "The CUDA build does not see the card: update the NVIDIA driver to one for CUDA 12.8 or newer.",
        (true, _) => "This is the CUDA build, but no NVIDIA driver was found: install one for CUDA 12.8 or newer.",
    };

    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version?.ToString() ?? "unknown";

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0 / 1024 / 1024:0.0} GiB");
}
