namespace SamMed3D.Transfer;

/// <summary>How surfaces are compared.</summary>
public sealed record SurfaceOptions
{
    /// <summary>What a surface is made of.</summary>
    public SurfaceConvention Convention { get; init; } = SurfaceConvention.AreaWeighted;

    /// <summary>
    /// Tolerance of the surface Dice in mm. A class deserves the deviation that two experts have from each other (Nikolov et al.,
    /// arXiv:1809.04430); 2 mm, a little more than a voxel of SAM-Med3D's 1.5 mm, where nobody knows it.
    /// </summary>
    public double Tolerance { get; init; } = 2;

    /// <summary>Tolerances in mm of classes, by name, that need their own.</summary>
    public IReadOnlyDictionary<string, double> ClassTolerances { get; init; } = new Dictionary<string, double>();

    /// <summary>The tolerance of a class, in mm.</summary>
    public double ToleranceOf(string className) => ClassTolerances.TryGetValue(className, out double own) ? own : Tolerance;

    /// <summary>These options, if they make sense.</summary>
    /// <exception cref="ArgumentException">A tolerance is below 0 or not finite, or the convention is unknown.</exception>
    public SurfaceOptions Validated()
    {
        foreach (var (name, tolerance) in ClassTolerances.Select(entry => (entry.Key, entry.Value)).Prepend(("all classes", Tolerance)))
            if (!(double.IsFinite(tolerance) && tolerance >= 0))
                throw new ArgumentException(FormattableString.Invariant($"Expected a tolerance of 0 mm or more for {name}, got {tolerance}."));
        return Enum.IsDefined(Convention) ? this : throw new ArgumentException($"Unknown surface convention {Convention}.");
    }
}
