using System.Text;

namespace SamMed3D.Transfer;

/// <summary>A table with a caption and headers, in a frame that scrolls on narrow screens. Cells are HTML already.</summary>
internal sealed class HtmlTable(string caption)
{
    private readonly List<(string Title, bool IsNumber)> _columns = [];
    private readonly StringBuilder _rows = new();

    public HtmlTable Column(string title)
    {
        _columns.Add((title, false));
        return this;
    }

    public HtmlTable Number(string title)
    {
        _columns.Add((title, true));
        return this;
    }

    public void Row(IReadOnlyList<string> cells, string kind = "")
    {
        if (cells.Count != _columns.Count)
            throw new ArgumentException($"A row has {cells.Count} cells; there are {_columns.Count} columns.", nameof(cells));
        _rows.Append(kind.Length > 0 ? $"<tr class=\"{kind}\">" : "<tr>").Append($"<th scope=\"row\">{cells[0]}</th>");
        for (int i = 1; i < cells.Count; i++)
            _rows.Append(_columns[i].IsNumber ? "<td class=\"n\">" : "<td>").Append(cells[i]).Append("</td>");
        _rows.Append("</tr>\n");
    }

    public override string ToString()
    {
        string label = Markup.Text(caption);
        return $"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{label}\">\n<table>\n<caption>{label}</caption>\n<thead><tr>"
            + string.Concat(_columns.Select(column => $"<th scope=\"col\"{(column.IsNumber ? " class=\"n\"" : "")}>{Markup.Text(column.Title)}</th>"))
            + $"</tr></thead>\n<tbody>\n{_rows}</tbody>\n</table>\n</div>\n";
    }
}
