using Spectre.Console;

namespace SamMed3D.Transfer.Cli;

/// <summary>A table: drawn with lines on a terminal, aligned plain text elsewhere. The first column is text, the others are numbers unless told otherwise.</summary>
internal sealed class TextTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Whether all columns are text, which is broken where the terminal is too narrow.</summary>
    public bool HoldsText { get; init; }

    /// <summary>What comes out of files may hold line breaks and control characters, which would tear the table and reach the terminal.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => string.Concat(cell.Select(letter => char.IsControl(letter) ? ' ' : letter)))]);

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
            table.AddColumn(new TableColumn(Markup.Escape(columns[i])) { Alignment = i == 0 || HoldsText ? Justify.Left : Justify.Right, NoWrap = !HoldsText });
        foreach (string[] row in _rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }

    private IEnumerable<string> Plain()
    {
        var rows = _rows.Prepend(columns).ToList();
        int[] widths = [.. Enumerable.Range(0, columns.Length).Select(column => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, column) =>
            column == 0 || HoldsText ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }
}
