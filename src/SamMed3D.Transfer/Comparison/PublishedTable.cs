namespace SamMed3D.Transfer;

/// <summary>Numbers that others published, to be shown apart from one's own: other data, splits, prompts and code, so not comparable.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Source">Where it stands.</param>
/// <param name="Note">Why it cannot be compared.</param>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Rows">Names of the rows and their Dice, from 0 to 100.</param>
public sealed record PublishedTable(
    string Caption, string Source, string Note, IReadOnlyList<string> Columns, IReadOnlyList<(string Name, IReadOnlyList<double> Dice)> Rows)
{
    private const string Paper = "SAM-Med3D: Towards General-purpose Segmentation Models for Volumetric Medical Images, arXiv 2310.15161";

    /// <summary>The paper's Tables 2 and 6.</summary>
    public static IReadOnlyList<PublishedTable> All { get; } =
    [
        new("Three ways to a 3D model, promptable segmentation (Dice averaged over 1 and 10 points)", $"{Paper}, Table 2 and supplement C.3",
            "400 epochs on AMOS with prompts from the truth; no automatic segmentation.",
            ["seen", "unseen", "overall"],
            [
                ("3D adapter, frozen SAM", [49.08, 38.60, 43.84]),
                ("fine-tuning inflated SAM weights", [69.13, 18.43, 43.78]),
                ("from scratch", [55.79, 34.63, 45.21]),
            ]),
        new("Transfer to UNETR", $"{Paper}, Table 6",
            "AMOS and TotalSegmentator are in the pretraining data. The code and splits were not released, and the paper's own values for the same network differ between its tables.",
            ["AMOS", "TotalSegmentator", "CAS2023", "SEG.A.2023", "average"],
            [
                ("no pretraining", [76.29, 82.67, 86.34, 87.05, 83.09]),
                ("SAM-Med3D encoder", [81.92, 85.17, 88.39, 87.57, 85.79]),
            ]),
    ];
}
