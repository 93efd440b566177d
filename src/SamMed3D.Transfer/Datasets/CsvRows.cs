using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Comma-separated text as spreadsheets write it (RFC 4180).</summary>
internal static class CsvRows
{
    /// <summary>The rows; empty lines are none. A byte order mark is left out.</summary>
    public static IEnumerable<List<string>> Of(string text)
    {
        List<string> row = [];
        var cell = new StringBuilder();
        bool isQuoted = false, isStarted = false;
        for (int at = text.StartsWith('\uFEFF') ? 1 : 0; at < text.Length; at++)
        {
            char letter = text[at];
            if (isQuoted && letter == '"' && at + 1 < text.Length && text[at + 1] == '"')
            {
                cell.Append('"');
                at++;
            }
            else if (letter == '"')
                (isQuoted, isStarted) = (!isQuoted, true);
            else if (isQuoted || letter is not (',' or '\n' or '\r'))
                (cell, isStarted) = (cell.Append(letter), true);
            else if (letter == ',')
            {
                row.Add(Taken(cell));
                isStarted = true;
            }
            else if (isStarted)
            {
                row.Add(Taken(cell));
                yield return row;
                (row, isStarted) = ([], false);
            }
        }

        if (isStarted)
        {
            row.Add(Taken(cell));
            yield return row;
        }
    }

    private static string Taken(StringBuilder cell)
    {
        string text = cell.ToString();
        cell.Clear();
        return text;
    }
}
