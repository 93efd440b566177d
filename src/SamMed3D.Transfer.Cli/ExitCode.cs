namespace SamMed3D.Transfer.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The work failed, or a comparison found a difference.</summary>
    public const int Failure = 1;

    /// <summary>The command line or an input file cannot be used.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by Ctrl-C (128 + SIGINT).</summary>
    public const int Cancelled = 130;
}
