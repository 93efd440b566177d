namespace SamMed3D.Transfer;

/// <summary>How numbers are stored: value = slope * stored + intercept.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Count">How many there are.</param>
/// <param name="IsBigEndian">Whether the most significant byte comes first.</param>
/// <param name="Slope">Factor.</param>
/// <param name="Intercept">Term.</param>
internal sealed record StoredNumbers(VoxelType Type, long Count, bool IsBigEndian, double Slope = 1, double Intercept = 0);
