using Spectre.Console;

namespace SamMed3D.Transfer.Cli;

/// <summary>A table: drawn with lines on a terminal, aligned plain text elsewhere. The first column is text, the others are numbers.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(Terminal terminal)
    {
        if (terminal.Screen is { } screen)
            screen.Write(Drawn());
        else
            foreach (string line in Plain())
                terminal.Line(line);
    }

    private Table Drawn()
    {
        var table = new Table();
        for (var i = 0; i < columns.Length; i++)
            table.AddColumn(new TableColumn(Markup.Escape(columns[i])) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        foreach (string[] row in _rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }

    private IEnumerable<string> Plain()
    {
        var rows = _rows.Prepend(columns).ToList();
        int[] widths = [.. Enumerable.Range(0, columns.Length).Select(column => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, column) =>
            column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
    }
}
