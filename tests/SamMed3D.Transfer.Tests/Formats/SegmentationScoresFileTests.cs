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
            case,class,dice,true_positives,false_positives,false_negatives,position_guess_dice,iou,sensitivity,precision,nsd,hd95_mm,hd_mm,assd_mm,nsd_tolerance_mm,truth_mm3,prediction_mm3,infinite_distances
            a,"liver, left",0.500000,1,1,1,,0.333333,0.500000,0.500000,,,,,,,,
            a,spleen,,0,0,0,,,,,,,,,,,,
            a,foreground,0.500000,1,1,1,,0.333333,0.500000,0.500000,,,,,,,,
            b,"liver, left",1.000000,3,0,0,,1.000000,1.000000,1.000000,,,,,,,,
            b,spleen,0.000000,0,0,4,,0.000000,0.000000,,,,,,,,,
            b,foreground,0.600000,3,0,4,,0.428571,0.428571,1.000000,,,,,,,,
            mean,"liver, left",0.750000,,,,,0.666667,0.750000,0.750000,,,,,,,,
            mean,spleen,0.000000,,,,,0.000000,0.000000,,,,,,,,,
            mean,foreground,0.550000,,,,,0.380952,0.464286,0.750000,,,,,,,,
            mean,mean,0.375000,,,,,0.333333,0.375000,0.750000,,,,,,,,

            """, SegmentationScoresFile.ToCsv(Scores));
    }

    [Fact]
    public void The_guess_by_position_stands_beside_the_scores()
    {
        Assert.Contains("\nmean,foreground,0.550000,,,,0.550000,", SegmentationScoresFile.ToCsv(Scores, Scores), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(SegmentationScoresFile.ToJson(Scores, Scores));
        Assert.Equal(0.375, json.RootElement.GetProperty("position_guess_mean_dice").GetDouble());
        Assert.Equal(0.5, json.RootElement.GetProperty("cases")[0].GetProperty("classes").GetProperty("liver, left").GetProperty("position_guess_dice").GetDouble());
    }

    [Fact]
    public void Surface_scores_have_their_columns_and_infinite_distances_are_counted_beside_the_means()
    {
        var near = new CaseScores("a", [new DiceScore(1, 1, 1)], new DiceScore(1, 1, 1))
        {
            VoxelVolume = 2, Surfaces = [new SurfaceScore(1, 0.5, 2, 3, 0.25)], ForegroundSurface = new SurfaceScore(1, 0.5, 2, 3, 0.25),
        };
        var far = new SurfaceScore(1, 0, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var missed = new CaseScores("b", [new DiceScore(0, 0, 4)], new DiceScore(0, 0, 4)) { VoxelVolume = 2, Surfaces = [far], ForegroundSurface = far };
        var scores = new SegmentationScores(["liver"], [near, missed, near with { CaseId = "c" }]);
        string[] rows = SegmentationScoresFile.ToCsv(scores).Split('\n');
        Assert.Equal("a,liver,0.500000,1,1,1,,0.333333,0.500000,0.500000,0.500000,2.000000,3.000000,0.250000,1.000000,4.000000,4.000000,0", rows[1]);
        Assert.Equal("b,liver,0.000000,0,0,4,,0.000000,0.000000,,0.000000,inf,inf,inf,1.000000,8.000000,0.000000,1", rows[3]);
        Assert.Equal("mean,liver,0.333333,,,,,0.222222,0.333333,0.500000,0.333333,2.000000,3.000000,0.250000,,,,1", rows[7]);
        using var json = JsonDocument.Parse(SegmentationScoresFile.ToJson(scores));
        var liver = json.RootElement.GetProperty("classes")[0].GetProperty("mean");
        Assert.Equal(2, liver.GetProperty("hd95_mm").GetDouble());
        Assert.Equal(1, liver.GetProperty("infinite_distances").GetInt32());
        Assert.Equal("inf", json.RootElement.GetProperty("cases")[1].GetProperty("classes").GetProperty("liver").GetProperty("hd_mm").GetString());
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
