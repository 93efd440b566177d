namespace SamMed3D.Transfer;

/// <summary>A class that pretraining segmented.</summary>
/// <param name="ClassName">The class, as the data set compared on names it.</param>
/// <param name="Datasets">The data sets of the pretraining that have such a target.</param>
public sealed record SeenTarget(string ClassName, IReadOnlyList<string> Datasets);
