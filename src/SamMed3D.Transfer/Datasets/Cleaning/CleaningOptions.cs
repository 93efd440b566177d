namespace SamMed3D.Transfer;

/// <summary>
/// The four cleaning steps of SA-Med3D-140K (SAM-Med3D, arXiv:2310.15161), whose limits are the defaults: small masks and masks in much
/// background are dropped, the largest components stay, symmetric organs are split. Each class of a label map is a mask of its own.
/// </summary>
public sealed record CleaningOptions
{
    /// <summary>Step 1: a mask below this volume is dropped, in mm3. Published: 1 cm3.</summary>
    public double MinimumVolume { get; init; } = 1000;

    /// <summary>Step 1: a mask with a side of its box along the voxel axes below this is dropped, in mm. Published: 1.5 cm.</summary>
    public double MinimumSide { get; init; } = 15;

    /// <summary>Step 2: a mask is dropped when more than this part of the volume's voxels is outside of it, from 0 to 1. Published: 0.99.</summary>
    public double MaximumBackground { get; init; } = 0.99;

    /// <summary>Step 3: how many of the largest components stay. Published: 5.</summary>
    public int LargestComponents { get; init; } = 5;

    /// <summary>Step 3: which voxels make a component.</summary>
    public Connectivity Connectivity { get; init; } = Connectivity.Corners;

    /// <summary>
    /// Step 4: the organs to split, by class name; case, underscores, hyphens and a plural's s make no difference. Names that say a side
    /// already, such as "kidney_left", are others and stay. The publication has no list; this one is ours.
    /// </summary>
    public IReadOnlyList<string> SymmetricOrgans { get; init; } =
    [
        "adrenal gland", "autochthon", "breast", "clavicle", "cochlea", "eye", "eyeball", "femoral head", "femur", "gluteus maximus",
        "gluteus medius", "gluteus minimus", "hip", "humerus", "iliac artery", "iliac vena", "iliopsoas", "kidney", "lacrimal gland", "lung",
        "optic nerve", "ovary", "parotid", "parotid gland", "scapula", "submandibular gland", "testicle", "testis",
    ];

    /// <summary>Whether a person named <see cref="SymmetricOrgans"/> for this data, so that one that no class is named like is a mistake.</summary>
    internal bool NamesItsOrgans { get; init; }

    /// <summary>Step 4: how sides are told.</summary>
    public SideRule SideRule { get; init; } = SideRule.ByComponent;

    /// <summary>Step 4: the x in mm (RAS+) at and below which is left; null takes the middle of each volume.</summary>
    public double? Midline { get; init; }

    /// <summary>Whether a class is among <see cref="SymmetricOrgans"/>.</summary>
    public bool IsSymmetric(string className) => SymmetricOrgans.Any(organ => Plain(organ) == Plain(className));

    /// <summary>These options, if they make sense.</summary>
    /// <exception cref="ArgumentException">A limit is out of its range.</exception>
    public CleaningOptions Validated()
    {
        Require(MinimumVolume >= 0 && double.IsFinite(MinimumVolume), $"a smallest volume of 0 mm3 or more, got {MinimumVolume}");
        Require(MinimumSide >= 0 && double.IsFinite(MinimumSide), $"a smallest side of 0 mm or more, got {MinimumSide}");
        Require(MaximumBackground is >= 0 and <= 1, $"a largest part of background from 0 to 1, got {MaximumBackground}");
        Require(LargestComponents >= 1, $"1 component or more to keep, got {LargestComponents}");
        Require(Enum.IsDefined(Connectivity), $"6, 18 or 26 neighbours, got {(int)Connectivity}");
        Require(Enum.IsDefined(SideRule), $"a known rule for sides, got {SideRule}");
        Require(Midline is not { } x || double.IsFinite(x), $"a midline in mm, got {Midline}");
        return this;

        static void Require(bool isRight, FormattableString expected)
        {
            if (!isRight)
                throw new ArgumentException($"Expected {FormattableString.Invariant(expected)}.");
        }
    }

    private static string Plain(string name) =>
        name.Trim().Replace('_', ' ').Replace('-', ' ').ToUpperInvariant().TrimEnd('S');
}
