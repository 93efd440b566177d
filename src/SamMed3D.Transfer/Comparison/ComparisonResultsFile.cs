using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>
/// Writes and reads what a comparison measured. Equal results give equal bytes: runs in the order of the grid, numbers in their shortest exact form, no time stamps.
/// </summary>
/// <remarks>
/// results.csv has scores alone, a row for each run, case and class, so that a comparison that was stopped and went on ends with the same file as one that was not.
/// results.json has everything, costs included, which no two machines share, and the summary for readers of other programs.
/// </remarks>
public static class ComparisonResultsFile
{
    private const int Format = 1;
    private const string Infinite = "inf";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new FiniteOrNull(), new FiniteOrNullList() },
    };

    /// <summary>Writes results.json; it appears whole or not at all.</summary>
    /// <exception cref="ArgumentException">The results contradict themselves.</exception>
    public static void SaveJson(string path, ComparisonResults results, StatisticsOptions? statistics = null) => AtomicFile.WriteText(path, ToJson(results, statistics));

    /// <summary>Writes results.csv; it appears whole or not at all.</summary>
    /// <exception cref="ArgumentException">The results contradict themselves.</exception>
    public static void SaveCsv(string path, ComparisonResults results) => AtomicFile.WriteText(path, ToCsv(results));

    /// <summary>Reads results.json; the summary in it is not read but computed anew.</summary>
    /// <exception cref="InvalidDataException">It is missing, or no results of a comparison; the message has the path and the reason.</exception>
    public static ComparisonResults ReadJson(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw BrokenFile.Because(path, "there is no such file; expected the results.json of a comparison");
        try
        {
            var file = JsonSerializer.Deserialize<ResultsFile>(File.ReadAllBytes(path), Json);
            return file is { Format: Format, Results: { } results } ? results.Validated()
                : throw BrokenFile.Because(path, $"expected the results of a comparison in format {Format}, got {(file is null ? "null" : $"format {file.Format}")}");
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException or NullReferenceException)
        {
            throw BrokenFile.Because(path, $"not the results of a comparison: {Reason(problem)}", problem);
        }
    }

    /// <summary>The text of results.json.</summary>
    public static string ToJson(ComparisonResults results, StatisticsOptions? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        var summary = ComparisonSummary.Of(results, statistics);
        var file = new ResultsFile
        {
            Format = Format,
            Summary = JsonSerializer.SerializeToElement(ComparisonSummaryJson.Of(summary), Json),
            Results = summary.Results with { Provenance = new SortedDictionary<string, string>(summary.Results.Provenance.ToDictionary(), StringComparer.Ordinal) },
        };
        return JsonSerializer.Serialize(file, Json).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>The text of results.csv. Dice and surface Dice go from 0 to 1, distances are in mm ("inf" to a structure that is not there); an empty cell is a score that there is none of.</summary>
    public static string ToCsv(ComparisonResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        results = results.Validated();
        var guesses = results.PositionGuess.SelectMany(guess => guess.Cases.Select(scored => ((guess.Budget, guess.Fold, scored.CaseId), scored.Dice)))
            .ToDictionary(one => one.Item1, one => one.Dice);
        var text = new StringBuilder("arm,budget,fold,seed,run,training_cases,case,class,dice,surface_dice,hausdorff95_mm,position_guess_dice\n");
        foreach (var run in results.Runs)
            foreach (var scored in run.Cases.OrderBy(one => one.CaseId, StringComparer.Ordinal))
                for (int i = 0; i < results.ClassNames.Count; i++)
                    text.Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(run.Arm)},{run.Budget},{run.Fold},{run.Seed},{CsvText.Cell(run.Id)},{run.TrainingCases},")
                        .Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(scored.CaseId)},{CsvText.Cell(results.ClassNames[i])},{Number(scored.Dice[i])},")
                        .Append(CultureInfo.InvariantCulture, $"{Number(scored.SurfaceDice?[i])},{Number(scored.Hausdorff95?[i])},")
                        .Append(Number(guesses.GetValueOrDefault((run.Budget, run.Fold, scored.CaseId))?[i])).Append('\n');
        return text.ToString();
    }

    /// <summary>.NET's own words name its types, which say nothing to whoever reads the file.</summary>
    private static string Reason(Exception problem) => problem switch
    {
        NullReferenceException => "a part of it is null",
        JsonException { LineNumber: { } line, Path: var place } => string.Create(CultureInfo.InvariantCulture, $"damaged in line {line + 1}{(place is null or "$" ? "" : $" at {place}")}"),
        JsonException => "damaged",
        _ => problem.Message,
    };

    private static string Number(double? value) => value is { } number && !double.IsNaN(number)
        ? double.IsPositiveInfinity(number) ? Infinite : number.ToString("0.000000", CultureInfo.InvariantCulture) : "";

    private sealed record ResultsFile
    {
        public int Format { get; init; }

        public JsonElement? Summary { get; init; }

        public ComparisonResults? Results { get; init; }
    }

    /// <summary>JSON has no NaN: null stands for a number that there is none of.</summary>
    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteRawValue(Text(value));

        public static string Text(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "null";
    }

    /// <summary>Lists of numbers on one line.</summary>
    private sealed class FiniteOrNullList : JsonConverter<IReadOnlyList<double>>
    {
        public override IReadOnlyList<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            [.. (JsonSerializer.Deserialize<JsonElement[]>(ref reader) ?? throw new JsonException("expected a list of numbers, got null")).Select(Number)];

        // The distance to a structure that is not there is infinite, which is another thing than no distance at all.
        private static double Number(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Null => double.NaN,
            JsonValueKind.Number => element.GetDouble(),
            JsonValueKind.String when element.GetString() == Infinite => double.PositiveInfinity,
            _ => throw new JsonException($"expected a number, null or \"{Infinite}\", got {element.ValueKind}"),
        };

        public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options) =>
            writer.WriteRawValue($"[{string.Join(", ", value.Select(one => double.IsPositiveInfinity(one) ? $"\"{Infinite}\"" : FiniteOrNull.Text(one)))}]");
    }
}
