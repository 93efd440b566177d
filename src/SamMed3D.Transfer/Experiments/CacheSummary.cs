namespace SamMed3D.Transfer;

/// <summary>What preparing a cache came to.</summary>
/// <param name="Folder">The cache.</param>
/// <param name="Cases">Cases that are in it now, of those asked for.</param>
/// <param name="Built">How many of them were missing.</param>
/// <param name="Repaired">How many of them were damaged, and built anew.</param>
/// <param name="SourcesRead">Source files read for their hash.</param>
/// <param name="Bytes">Size of the entries of these cases.</param>
public sealed record CacheSummary(string Folder, int Cases, int Built, int Repaired, int SourcesRead, long Bytes);
