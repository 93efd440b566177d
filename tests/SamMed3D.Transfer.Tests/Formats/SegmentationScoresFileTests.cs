using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class SegmentationScoresFileTests
{
    private static readonly SegmentationScores Scores = new(
        ["liver, left", "spleen"],
        [
            new CaseScores("a", [new DiceScore(1, 1, 1), default], new DiceScore(1, 1, 1)),
            new CaseScores("b", [new DiceScore(3, 0, 0), new DiceScore(0, 0, 4)], new DiceScore(3, 0, 4)),
        ]);

    [Fact]
    public void Csv_has_a_row_per_case_and_class_and_the_means_last()
    {
        Assert.Equal(
            """
            case,class,dice,true_positives,false_positives,false_negatives,position_guess_dice
            a,"liver, left",0.500000,1,1,1,
            a,spleen,,0,0,0,
            a,foreground,0.500000,1,1,1,
            b,"liver, left",1.000000,3,0,0,
            b,spleen,0.000000,0,0,4,
            b,foreground,0.600000,3,0,4,
            mean,"liver, left",0.750000,,,,
            mean,spleen,0.000000,,,,
            mean,foreground,0.550000,,,,
            mean,mean,0.375000,,,,

            """, SegmentationScoresFile.ToCsv(Scores));
    }

    [Fact]
    public void The_guess_by_position_stands_beside_the_scores()
    {
        Assert.Contains("mean,foreground,0.550000,,,,0.550000", SegmentationScoresFile.ToCsv(Scores, Scores).Split('\n'));
        using var json = JsonDocument.Parse(SegmentationScoresFile.ToJson(Scores, Scores));
        Assert.Equal(0.375, json.RootElement.GetProperty("position_guess_mean_dice").GetDouble());
        Assert.Equal(0.5, json.RootElement.GetProperty("cases")[0].GetProperty("classes").GetProperty("liver, left").GetProperty("position_guess_dice").GetDouble());
    }

    [Fact]
    public void A_guess_of_other_cases_is_refused() => Assert.Throws<ArgumentException>(
        () => SegmentationScoresFile.ToCsv(Scores, new SegmentationScores(Scores.ClassNames, [Scores.Cases[1], Scores.Cases[0]])));

    [Fact]
    public void Json_has_null_for_a_structure_that_is_nowhere()
    {
        using var json = JsonDocument.Parse(SegmentationScoresFile.ToJson(Scores));
        var root = json.RootElement;

        Assert.Equal(0.375, root.GetProperty("mean_dice").GetDouble());
        Assert.Equal(1, root.GetProperty("classes")[1].GetProperty("cases_counted").GetInt32());
        var firstCase = root.GetProperty("cases")[0].GetProperty("classes");
        Assert.Equal(JsonValueKind.Null, firstCase.GetProperty("spleen").GetProperty("dice").ValueKind);
        Assert.Equal(0.5, firstCase.GetProperty("liver, left").GetProperty("dice").GetDouble());
    }

    [Fact]
    public void Saving_replaces_the_old_file_and_leaves_nothing_else()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            string path = Path.Combine(folder.FullName, "scores.csv");
            File.WriteAllText(path, "old");
            SegmentationScoresFile.SaveCsv(path, Scores);

            Assert.Equal(SegmentationScoresFile.ToCsv(Scores), File.ReadAllText(path));
            Assert.Single(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
