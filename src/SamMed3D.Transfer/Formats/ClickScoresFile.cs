using System.Globalization;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Writes Dice after so many clicks as CSV: target, clicks, dice; the last rows are the means over targets.</summary>
public static class ClickScoresFile
{
    /// <summary>Writes the file; it appears whole or not at all.</summary>
    public static void SaveCsv(string path, ClickScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var text = new StringBuilder("target,clicks,dice\n");
        foreach (var (target, dice) in scores.Targets.Append(("mean", scores.Means)))
            for (var i = 0; i < scores.Clicks.Count; i++)
                text.Append(CultureInfo.InvariantCulture, $"{target},{scores.Clicks[i]},{dice[i]:0.000000}\n");
        AtomicFile.WriteText(path, text.ToString());
    }
}
