namespace SamMed3D.Transfer;

/// <summary>What <see cref="AxisCheck"/> says of a file's axes.</summary>
public enum AxisVerdict
{
    /// <summary>The weights segment no order well enough to tell anything.</summary>
    Unknown,

    /// <summary>The axes are best as the file has them.</summary>
    Right,

    /// <summary>Another order is better by so little that it says nothing against the file.</summary>
    Undecided,

    /// <summary>Another order is better: the file is wrong about its axes, or the weights do not know such targets.</summary>
    Wrong,
}
