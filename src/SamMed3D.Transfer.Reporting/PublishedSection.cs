namespace SamMed3D.Transfer;

/// <summary>Published values, apart from the results.</summary>
internal static class PublishedSection
{
    public static string Of() => "<p>Published by others with other data, splits, prompts and code. They are here for orientation; only arms of one comparison can be compared.</p>\n<div class=\"published\">\n"
        + string.Concat(PublishedTable.All.Select(published =>
        {
            var table = new HtmlTable($"Published: {published.Caption}").Column("Start");
            foreach (string column in published.Columns)
                table.Number(column);
            foreach (var (name, dice) in published.Rows)
                table.Row([Markup.Text(name), .. dice.Select(value => Markup.Number(value, "0.00"))]);
            return $"{table}<p class=\"note\">{Markup.Text($"{published.Note} {published.Source}.")}</p>\n";
        })) + "</div>\n";
}
