namespace SamMed3D.Transfer;

/// <summary>Where the folder of a new run may be made.</summary>
internal static class RunPlace
{
    /// <summary>The path, with a number behind it where two runs begin in the same second.</summary>
    public static string Unused(string path) => Enumerable.Range(1, int.MaxValue)
        .Select(number => number == 1 ? path : $"{path}-{number}")
        .First(candidate => !Path.Exists(candidate));

    /// <summary>The folder is empty or not there.</summary>
    /// <exception cref="InvalidOperationException">It holds a run, or things that are no run.</exception>
    public static void RequireFree(string folder)
    {
        RequireNoRun(folder);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new InvalidOperationException($"{folder}: is not empty and no run; choose another folder.");
    }

    /// <summary>There is no run in the folder.</summary>
    /// <exception cref="InvalidOperationException">There is one; the message says whether it can go on.</exception>
    public static void RequireNoRun(string folder)
    {
        string manifest = Path.Combine(folder, "run.json");
        if (File.Exists(manifest))
        {
            if (RunManifest.Read(manifest).IsFinished)
                throw new InvalidOperationException($"{folder}: holds a finished run, which is not overwritten; choose another folder or delete it.");
            bool canGoOn = File.Exists(Path.Combine(folder, "checkpoints", "state.safetensors"));
            throw new InvalidOperationException($"{folder}: holds a run that was stopped, which is not overwritten; "
                + (canGoOn ? "go on with it ('train --resume'), or choose another folder." : "choose another folder or delete it."));
        }
    }

    /// <summary>Makes the folder with those above it.</summary>
    /// <exception cref="InvalidOperationException">It cannot be made.</exception>
    public static void Make(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"{path}: this folder cannot be made; is it a place where you may write?", reason);
        }
    }
}
