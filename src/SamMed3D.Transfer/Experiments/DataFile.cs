namespace SamMed3D.Transfer;

/// <summary>A file that a run learns from or is validated on, as data.json of its folder has it.</summary>
/// <param name="Case">The case.</param>
/// <param name="Path">The file, as the data set names it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of its content, in lower-case hex.</param>
public sealed record DataFile(string Case, string Path, long Bytes, string Sha256);
