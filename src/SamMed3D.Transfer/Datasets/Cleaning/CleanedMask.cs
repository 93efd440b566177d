namespace SamMed3D.Transfer;

/// <summary>A mask that cleaning leaves.</summary>
/// <param name="Value">The label it had.</param>
/// <param name="Side">The side it is of.</param>
public readonly record struct CleanedMask(int Value, BodySide Side)
{
    /// <summary>The name of the new class, such as "kidney left".</summary>
    /// <param name="className">The name the class had.</param>
    public string NameOf(string className) => NameOf(className, ' ');

    /// <summary>
    /// The folder of the mask in SAM-Med3D's tree: the side follows as the words of the organ's folder do (adrenal_gland_left, adrenal gland
    /// left), and after a single word with an underscore.
    /// </summary>
    internal string FolderOf(string organ) => NameOf(organ, organ.LastOrDefault(letter => letter is '_' or ' ' or '-', '_'));

    private string NameOf(string className, char separator) => Side switch
    {
        BodySide.Left => $"{className}{separator}left",
        BodySide.Right => $"{className}{separator}right",
        _ => className,
    };
}
