namespace SamMed3D.Transfer;

/// <summary>A mask that cleaning leaves.</summary>
/// <param name="Value">The label it had.</param>
/// <param name="Side">The side it is of.</param>
public readonly record struct CleanedMask(int Value, BodySide Side)
{
    /// <summary>The name of the new class, such as "kidney left".</summary>
    /// <param name="className">The name the class had.</param>
    public string NameOf(string className) => Side switch
    {
        BodySide.Left => $"{className} left",
        BodySide.Right => $"{className} right",
        _ => className,
    };
}
