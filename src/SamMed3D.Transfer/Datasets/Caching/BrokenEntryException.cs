namespace SamMed3D.Transfer;

/// <summary>An entry of the cache that must not be used: the cache builds it anew.</summary>
internal sealed class BrokenEntryException(string path, string reason) : Exception($"{path}: {reason}.");
