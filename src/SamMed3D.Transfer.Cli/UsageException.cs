namespace SamMed3D.Transfer.Cli;

/// <summary>A command line that parses but makes no sense; the message says what to give instead.</summary>
internal sealed class UsageException(string message) : Exception(message);
