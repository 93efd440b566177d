using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Comma-separated text as spreadsheets write it (RFC 4180).</summary>
internal static class CsvRows
{
    /// <summary>The rows with the lines that they begin in, counted from 1; empty lines are none. A byte order mark is left out.</summary>
    /// <exception cref="InvalidDataException">A quotation mark is never closed, so that the rest of the text is one cell.</exception>
    public static IEnumerable<(int Number, List<string> Cells)> Of(string text)
    {
        List<string> row = [];
        var cell = new StringBuilder();
        bool isQuoted = false, isStarted = false;
        int line = 1, first = 1;
        for (int at = text.StartsWith('\uFEFF') ? 1 : 0; at < text.Length; at++)
        {
            char letter = text[at];
            if (!isStarted)
                first = line;
            if (letter == '\n' || (letter == '\r' && (at + 1 == text.Length || text[at + 1] != '\n')))
                line++;
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
                yield return (first, row);
                (row, isStarted) = ([], false);
            }
        }

        if (isQuoted)
            throw new InvalidDataException($"line {first}: a quotation mark is never closed");
        if (isStarted)
        {
            row.Add(Taken(cell));
            yield return (first, row);
        }
    }

    private static string Taken(StringBuilder cell)
    {
        string text = cell.ToString();
        cell.Clear();
        return text;
    }
}
