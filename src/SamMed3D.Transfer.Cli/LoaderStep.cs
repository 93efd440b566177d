namespace SamMed3D.Transfer.Cli;

/// <summary>Whether TorchSharp's native library can load beside this machine's libstdc++, and what the build step of eng/OlderLibStdCxx did.</summary>
/// <param name="Text">The finding.</param>
/// <param name="Advice">What to do; null when all is well.</param>
internal sealed record LoaderStep(string Text, string? Advice)
{
    /// <param name="folder">The output folder.</param>
    public static LoaderStep Inspect(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return new("not needed on this system", null);
        string[] places = [Path.Combine(folder, "libLibTorchSharp.so"), Path.Combine(folder, "runtimes", "linux-x64", "native", "libLibTorchSharp.so")];
        if (Array.Find(places, File.Exists) is not { } library)
            return new($"libLibTorchSharp.so is not in {folder}", "Build or publish this program again: the native back end was not copied.");
        bool offered = ElfVersionNeeds.SystemOffersNewLibStdCxx(out string where);
        var need = ElfVersionNeeds.Read(File.ReadAllBytes(library)).Find(candidate => candidate.Version == ElfVersionNeeds.NewLibStdCxx);
        return (need, offered) switch
        {
            (null, _) => new("not needed: this TorchSharp does not ask for a new libstdc++", null),
            ({ IsWeak: true }, false) => new($"needed here ({where} lacks {need.Version}) and present in this output folder", null),
            ({ IsWeak: true }, true) => new($"present in this output folder, though not needed here ({where} offers {need.Version})", null),
            (_, true) => new($"not needed here ({where} offers {need.Version})", null),
            _ => new($"needed here ({where} lacks {need.Version}) but MISSING in this output folder",
                "Build on this machine ('dotnet build'; the log has a line 'OlderLibStdCxx'), or install a libstdc++ of GCC 13 or newer."),
        };
    }
}
