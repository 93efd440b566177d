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
        int first = -1, last = -1;
        foreach (var part in parameters.GroupBy(one => (one.Place.Part, one.Place.Block)).OrderBy(part => part.Key.Part).ThenBy(part => part.Key.Block))
        {
            var row = Row(part);
            bool isNext = part.Key.Part == ModelPart.Block && last >= 0 && part.Key.Block == last + 1 && IsAlike(rows[^1], row);
            first = isNext ? first : part.Key.Block;
            last = part.Key.Block;
            if (part.Key.Part == ModelPart.Block)
                row = row with { Part = first == last ? $"block {first}" : $"blocks {first}-{last}" };
            if (isNext)
                rows[^1] = row with { Parameters = rows[^1].Parameters + row.Parameters, Trained = rows[^1].Trained + row.Trained };
            else
                rows.Add(row);
        }

        return new(rows);
    }

    /// <summary>Blocks with windows and global ones have tables of other sizes; that is no difference here.</summary>
    private static bool IsAlike(ParameterTableRow left, ParameterTableRow right) =>
        left.LearnsFrom == right.LearnsFrom && left.IsUnused == right.IsUnused
        && (left.Trained == left.Parameters) == (right.Trained == right.Parameters)
        && (left.Trained == 0 || left.RateFraction == right.RateFraction);

    private static ParameterTableRow Row(IGrouping<(ModelPart Part, int Block), LearningParameter> part)
    {
        LearningParameter[] trained = [.. part.Where(one => one.LearnsFrom is not null)];
        string name = part.Key.Part switch
        {
            ModelPart.Embedding => "patch embedding and positions",
            ModelPart.Block => "block",
            ModelPart.Neck => "neck",
            ModelPart.Prompts => "prompt encoder",
            _ => part.First().Place.BlockCount > 0 ? "head" : "network",
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
