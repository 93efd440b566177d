using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Pictures of the best, the median and the worst case.</summary>
internal static class CaseGallery
{
    public static string Of(ComparisonResults results, IReadOnlyList<CasePicture> pictures)
    {
        if (pictures.Count == 0)
            return "";
        var text = new StringBuilder("<p>Filled is the prediction, outlined is the truth, each plane where most truth is. The patient's right is on the left; in the sagittal plane, anterior.</p>\n<ul class=\"legend\" aria-label=\"Classes\">");
        for (int label = 1; label <= results.ClassNames.Count; label++)
            text.Append($"<li><span class=\"swatch\" style=\"background:{CaseOverlay.ColorOf(label)}\"></span> {Markup.Text(results.ClassNames[label - 1])}</li>");
        text.Append("</ul>\n");
        foreach (var group in pictures.GroupBy(picture => (picture.Case.Rank, picture.Case.CaseId)).OrderBy(group => group.Key.Rank))
        {
            text.Append($"<h3>{group.Key.Rank} case: {Markup.Text(group.Key.CaseId)}</h3>\n");
            foreach (var picture in group)
                text.Append(Row(picture));
        }

        return text.ToString();
    }

    private static string Row(CasePicture picture)
    {
        var shown = picture.Case;
        string planes = string.Concat(picture.Slices.Select(slice =>
            $"<img width=\"{slice.Width}\" height=\"{slice.Height}\" alt=\"{Markup.Text($"{shown.CaseId}, {slice.Plane} plane: prediction of {shown.Arm} filled, truth outlined")}\" "
            + $"src=\"data:image/png;base64,{Convert.ToBase64String(slice.Png)}\">"));
        return $"<figure class=\"case\"><div class=\"planes\">{planes}</div><figcaption>{Markup.Text(shown.Arm)}: Dice {Markup.Points(shown.MeanDice)}. Axial, coronal, sagittal; run {Markup.Text(shown.RunId)}.</figcaption></figure>\n";
    }
}
