using System.Globalization;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>How many parameters a model has by part, and how many of them learn.</summary>
/// <param name="Rows">From the volume to the output; neighbouring blocks that learn alike share a row.</param>
public sealed record ParameterTable(IReadOnlyList<ParameterTableRow> Rows)
{
    /// <summary>Values altogether.</summary>
    public long Parameters => Rows.Sum(row => row.Parameters);

    /// <summary>Values that learn at some step.</summary>
    public long Trained => Rows.Sum(row => row.Trained);

    /// <summary>How much of the model learns, in percent.</summary>
    [JsonIgnore]
    public double Percent => Total.Percent;

    private ParameterTableRow Total => new("all", Parameters, Trained);

    /// <summary>The table as text, a line a part.</summary>
    public override string ToString()
    {
        string[][] cells = [["part", "parameters", "trained", "%", "rate", ""], .. Rows.Append(Total).Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, 5).Select(column => cells.Max(row => row[column].Length))];
        return string.Join('\n', cells.Select(row => string.Concat(
            row[0].PadRight(widths[0]), string.Concat(Enumerable.Range(1, 4).Select(column => "  " + row[column].PadLeft(widths[column]))),
            row[5].Length == 0 ? "" : "  " + row[5]).TrimEnd()));
    }

    internal static ParameterTable Of(IReadOnlyList<LearningParameter> parameters)
    {
        var rows = new List<ParameterTableRow>();
        var runs = new List<(ParameterTableRow Row, int First, int Last)>();
        foreach (var part in parameters.GroupBy(one => (one.Place.Part, one.Place.Block)).OrderBy(part => part.Key.Part).ThenBy(part => part.Key.Block))
        {
            var row = Row(part);
            if (part.Key.Part == ModelPart.Block && runs.Count > 0 && runs[^1] is var (known, first, last) && last == part.Key.Block - 1 && known == row)
                runs[^1] = (row, first, part.Key.Block);
            else
                runs.Add((row, part.Key.Block, part.Key.Block));
        }

        foreach (var (row, first, last) in runs)
            rows.Add(first < 0 ? row : row with
            {
                Part = first == last ? $"block {first}" : $"blocks {first}-{last}",
                Parameters = row.Parameters * (last - first + 1), Trained = row.Trained * (last - first + 1),
            });
        return new(rows);
    }

    private static ParameterTableRow Row(IGrouping<(ModelPart Part, int Block), LearningParameter> part)
    {
        LearningParameter[] trained = [.. part.Where(one => one.LearnsFrom is not null)];
        string name = part.Key.Part switch
        {
            ModelPart.Embedding => "patch embedding and positions",
            ModelPart.Block => "blocks",
            ModelPart.Neck => "neck",
            _ => "head",
        };
        return new(name, part.Sum(one => one.Parameter.numel()), trained.Sum(one => one.Parameter.numel()))
        {
            LearnsFrom = trained.Min(one => one.LearnsFrom),
            RateFraction = part.First().RateFraction,
            IsUnused = part.All(one => one.IsUnused),
        };
    }

    private static string[] Cells(ParameterTableRow row) =>
    [
        row.Part,
        row.Parameters.ToString("N0", CultureInfo.InvariantCulture),
        row.Trained.ToString("N0", CultureInfo.InvariantCulture),
        row.Percent.ToString("0.0", CultureInfo.InvariantCulture),
        row.Part == "all" || row.Trained == 0 ? "" : row.RateFraction.ToString("0.###", CultureInfo.InvariantCulture),
        row.IsUnused ? "not used" : row.LearnsFrom > 0 ? string.Create(CultureInfo.InvariantCulture, $"after {row.LearnsFrom} steps") : "",
    ];
}
