// TorchSharp 0.107's libLibTorchSharp.so names version GLIBCXX_3.4.32 (GCC 13) of libstdc++ for one symbol,
// _ZSt21ios_base_library_initv. The symbol is undefined, has no relocation and is never called, but the loader refuses the
// library where libstdc++ lacks that version. Marking that one version need as weak (VER_FLG_WEAK in its Vernaux entry, see the
// System V ABI / LSB "Symbol Versioning") turns the refusal into a note that nobody reads. Nothing else in the file changes.
#nullable enable
#pragma warning disable IDE0005 // The build compiles this file without implicit usings, the command line with them.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

/// <summary>One version that a shared library needs from another (an entry of ELF section .gnu.version_r).</summary>
internal sealed class VersionNeed
{
    public VersionNeed(string library, string version, bool isWeak, long flagsOffset)
    {
        Library = library;
        Version = version;
        IsWeak = isWeak;
        FlagsOffset = flagsOffset;
    }

    public string Library { get; }

    public string Version { get; }

    public bool IsWeak { get; }

    /// <summary>File offset of the entry's 16-bit flags.</summary>
    public long FlagsOffset { get; }
}

/// <summary>Reads the version needs of a 64-bit little-endian ELF file.</summary>
internal static class ElfVersionNeeds
{
    public const string NewLibStdCxx = "GLIBCXX_3.4.32";
    public const ushort WeakFlag = 2;
    private const uint VersionNeedSection = 0x6ffffffe;

    private static readonly string[] SystemFolders =
        { "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/lib" };

    /// <returns>The needs, or an empty list when the bytes are not such a file.</returns>
    public static List<VersionNeed> Read(byte[] elf)
    {
        var needs = new List<VersionNeed>();
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2 || elf[5] != 1)
            return needs;
        long sections = BitConverter.ToInt64(elf, 0x28);
        int entrySize = BitConverter.ToUInt16(elf, 0x3a);
        int sectionCount = BitConverter.ToUInt16(elf, 0x3c);
        for (var i = 0; i < sectionCount; i++)
        {
            long header = sections + (long)i * entrySize;
            if (BitConverter.ToUInt32(elf, checked((int)header + 4)) != VersionNeedSection)
                continue;
            long start = BitConverter.ToInt64(elf, (int)header + 0x18);
            int stringSection = BitConverter.ToInt32(elf, (int)header + 0x28);
            long strings = BitConverter.ToInt64(elf, checked((int)(sections + (long)stringSection * entrySize) + 0x18));
            for (long need = start; ;)
            {
                int auxCount = BitConverter.ToUInt16(elf, (int)need + 2);
                string library = Text(elf, strings + BitConverter.ToUInt32(elf, (int)need + 4));
                long aux = need + BitConverter.ToUInt32(elf, (int)need + 8);
                for (var k = 0; k < auxCount; k++)
                {
                    var flags = BitConverter.ToUInt16(elf, (int)aux + 4);
                    string version = Text(elf, strings + BitConverter.ToUInt32(elf, (int)aux + 8));
                    needs.Add(new VersionNeed(library, version, (flags & WeakFlag) != 0, aux + 4));
                    aux += BitConverter.ToUInt32(elf, (int)aux + 12);
                }

                uint next = BitConverter.ToUInt32(elf, (int)need + 12);
                if (next == 0)
                    break;
                need += next;
            }
        }

        return needs;
    }

    /// <summary>Whether the libstdc++ that the loader would take already offers the newer version.</summary>
    public static bool SystemOffersNewLibStdCxx(out string where)
    {
        var folders = new List<string>((Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? string.Empty).Split(':'));
        folders.AddRange(SystemFolders);
        foreach (string folder in folders)
        {
            string file = folder.Length == 0 ? string.Empty : Path.Combine(folder, "libstdc++.so.6");
            if (file.Length == 0 || !File.Exists(file))
                continue;
            where = file;
            return Contains(File.ReadAllBytes(file), Encoding.ASCII.GetBytes(NewLibStdCxx + "\0"));
        }

        where = "libstdc++.so.6 (not found)";
        return false;
    }

    private static bool Contains(byte[] bytes, byte[] pattern)
    {
        for (var i = 0; i + pattern.Length <= bytes.Length; i++)
        {
            var k = 0;
            while (k < pattern.Length && bytes[i + k] == pattern[k])
                k++;
            if (k == pattern.Length)
                return true;
        }

        return false;
    }

    private static string Text(byte[] bytes, long offset)
    {
        var end = (int)offset;
        while (bytes[end] != 0)
            end++;
        return Encoding.ASCII.GetString(bytes, (int)offset, end - (int)offset);
    }
}

#if !SAMMED3D_DOCTOR
/// <summary>The build step. Files that are absent, already mended or without the need are left alone.</summary>
public sealed class OlderLibStdCxx : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string[] Files { get; set; } = Array.Empty<string>();

    public override bool Execute()
    {
        foreach (string file in Files)
            if (File.Exists(file))
                Mend(file);
        return true;
    }

    private void Mend(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        var toMend = ElfVersionNeeds.Read(bytes).FindAll(need => need.Version == ElfVersionNeeds.NewLibStdCxx && !need.IsWeak);
        if (toMend.Count == 0)
            return;
        if (ElfVersionNeeds.SystemOffersNewLibStdCxx(out string where))
        {
            Log.LogMessage(Microsoft.Build.Framework.MessageImportance.High,
                "OlderLibStdCxx: {0} offers {1}; {2} stays as it is.", where, ElfVersionNeeds.NewLibStdCxx, file);
            return;
        }

        foreach (var need in toMend)
            bytes[need.FlagsOffset] |= (byte)ElfVersionNeeds.WeakFlag;
        // The file may be a hard link into the package cache, which must not change: write a new one and put it in its place.
        var written = File.GetLastWriteTimeUtc(file);
        string fresh = file + "." + Guid.NewGuid().ToString("N") + ".tmp";
        File.WriteAllBytes(fresh, bytes);
        File.SetLastWriteTimeUtc(fresh, written);
        File.Delete(file);
        File.Move(fresh, file);
        Log.LogMessage(Microsoft.Build.Framework.MessageImportance.High,
            "OlderLibStdCxx: {0} lacks {1}; made that need weak in {2}.", where, ElfVersionNeeds.NewLibStdCxx, file);
    }
}
#endif
