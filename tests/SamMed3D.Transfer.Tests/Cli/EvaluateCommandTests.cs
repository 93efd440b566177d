using System.Text.Json;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EvaluateCommandTests()
    {
        _folder.Write("dataset.json", """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "spleen": 2}, "file_ending": ".nii.gz"}""");
        Save("labelsTr/t1.nii.gz", [0, 1, 1, 2]);
        Save("labelsTr/t2.nii.gz", [0, 1, 1, 2]);
        foreach (string image in new[] { "imagesTr/t1", "imagesTr/t2", "imagesTs/a", "imagesTs/b" })
        {
            using var volume = new Volume(zeros([1, 4, 1, 1]), Geometry.Create(new Size3(4, 1, 1), 1));
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(image))!);
            volume.Save(_folder.File($"{image}_0000.nii.gz"));
        }

        Save("labelsTs/a.nii.gz", [0, 1, 1, 2]);
        Save("labelsTs/b.nii.gz", [1, 1, 0, 0]);
        Save("predictions/a.nii.gz", [0, 1, 1, 2]);
        Save("predictions/b.nii.gz", [0, 1, 0, 0]);
    }

    public void Dispose() => _folder.Dispose();

    private void Save(string relative, int[] labels, double spacing = 1)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(relative))!);
        using var volume = new LabelVolume(tensor(labels).reshape(labels.Length, 1, 1).contiguous(), Geometry.Create(new Size3(labels.Length, 1, 1), spacing));
        volume.Save(_folder.File(relative));
    }

    private CommandLine Evaluate(params string[] more) =>
        CommandLine.Run(["evaluate", "-p", _folder.File("predictions"), "-l", _folder.File("labelsTs"), .. more]);

    [Fact]
    public void The_table_has_the_classes_and_beside_the_model_the_position_only_guess()
    {
        var result = Evaluate("-d", _folder.Root, "--no-surfaces", "--empty", "leave-out");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Equal(
            [
                "case  mean Dice  position-only guess",
                "a        1.0000               1.0000",
                "b        0.6667               0.2500",
                "class                 Dice  position-only guess  cases",
                "liver               0.8333               0.7500      2",
                "spleen              1.0000               0.5000      1",
                "mean of classes     0.9167               0.6250      2",
                "all classes as one  0.8333               0.7000      2",
            ],
            result.OutLines);
    }

    [Fact]
    public void Surfaces_stand_beside_Dice_and_what_both_leave_out_is_agreement()
    {
        // Of liver in case b the truth has two voxels and the prediction one of them: distances 0, 1 and back 0.
        var result = Evaluate("-d", _folder.Root, "--nsd-tolerance", "0.5", "--surface", "voxel");
        Assert.Equal(
            [
                "case  mean Dice  position-only guess  NSD (0.5 mm)  HD95 (mm)  ASSD (mm)",
                "a        1.0000               1.0000        1.0000       0.00       0.00",
                "b        0.8333               0.2500        0.8333       0.48       0.17",
                "class                 Dice  position-only guess  NSD (0.5 mm)  HD95 (mm)  ASSD (mm)  cases",
                "liver               0.8333               0.7500        0.8333       0.48       0.17      2",
                "spleen              1.0000               0.5000        1.0000       0.00       0.00      2",
                "mean of classes     0.9167               0.6250        0.9167       0.24       0.08      2",
                "all classes as one  0.8333               0.7000        0.8333       0.48       0.17      2",
            ],
            result.OutLines);
    }

    [Fact]
    public void A_class_in_one_map_alone_has_an_infinite_distance_that_is_counted_beside_the_mean()
    {
        Save("predictions/b.nii.gz", [0, 0, 0, 0]);
        var result = Evaluate("--csv", _folder.File("scores.csv"));
        Assert.Contains("in no mean; by class (cases): 1 (1).", result.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Contains(File.ReadAllLines(_folder.File("scores.csv")), row => row.StartsWith("b,1,0.000000,0,0,2,,", StringComparison.Ordinal) && row.EndsWith(",1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("expected mm of 0 or more such as 2 or liver=3, got '-1'", "--nsd-tolerance", "-1")]
    [InlineData("There is a tolerance for 'lung', which is no class; the classes are liver, spleen.", "--nsd-tolerance", "lung=3")]
    [InlineData("give one of them", "--nsd-tolerance", "1", "--no-surfaces")]
    public void A_tolerance_that_makes_no_sense_is_refused(string message, params string[] arguments)
    {
        var result = Evaluate(["-d", _folder.Root, .. arguments]);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_data_set_classes_have_numbers_and_there_is_no_guess()
    {
        var result = Evaluate("--no-surfaces");
        Assert.Equal("class                 Dice  cases", result.OutLines[3]);
        Assert.Equal("1                   0.8333      2", result.OutLines[4]);
        Assert.DoesNotContain("guess", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void The_scores_are_written_as_csv_and_json()
    {
        string csv = _folder.File("scores.csv"), json = _folder.File("scores.json");
        Evaluate("-d", _folder.Root, "--csv", csv, "--json", json);
        Assert.Contains("\nb,liver,0.666667,1,0,1,0.500000,0.500000,0.500000,1.000000,", File.ReadAllText(csv), StringComparison.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal(0.916667, document.RootElement.GetProperty("mean_dice").GetDouble());
        Assert.True(document.RootElement.TryGetProperty("position_guess_mean_dice", out _));
        Assert.Equal(2, document.RootElement.GetProperty("cases").GetArrayLength());
    }

    [Fact]
    public void A_file_that_cannot_be_written_shows_before_the_scoring()
    {
        var result = Evaluate("--csv", _folder.File("nowhere/scores.csv"));
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Empty(result.Out);
        Assert.Contains("scores.csv: cannot be written: there is no folder", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Truth_without_a_prediction_is_mentioned()
    {
        File.Delete(_folder.File("predictions/b.nii.gz"));
        string json = _folder.File("scores.json");
        var result = Evaluate("--json", json);
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Equal("b", Assert.Single(document.RootElement.GetProperty("cases_without_prediction").EnumerateArray()).GetString());
        Assert.Contains("1 true label files have no prediction and are not scored, such as b", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prediction_without_truth_is_refused()
    {
        Save("predictions/c.nii.gz", [0, 1]);
        var result = Evaluate();
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("no true labels for 1 of 3 predictions, such as c", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prediction_on_another_grid_is_refused()
    {
        Save("predictions/b.nii.gz", [0, 1, 0, 0], spacing: 2);
        var result = Evaluate();
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("b.nii.gz: its grid", result.ErrorLines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".nrrd")]
    [InlineData(".mhd")]
    public void Predictions_of_another_format_score_the_same(string ending)
    {
        string before = Evaluate().Out;
        using (var labels = LabelVolume.Open(_folder.File("predictions/b.nii.gz")))
            labels.Save(_folder.File("predictions/b" + ending));
        File.Delete(_folder.File("predictions/b.nii.gz"));
        Assert.Equal(before, Evaluate().Out);
    }

    [Fact]
    public void A_label_that_is_no_class_is_refused()
    {
        Save("predictions/b.nii.gz", [0, 3, 0, 0]);
        var result = Evaluate("-d", _folder.Root);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("b.nii.gz: Case b: the prediction has labels 0 to 3", result.ErrorLines[^1], StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_position_only_guess_scores_0_67_on_the_real_hippocampus_test_cases()
    {
        string root = Repository.Shared("data/dataset_nnunet");
        var result = FolderEvaluation.Run(Path.Combine(root, "labelsTs"), Path.Combine(root, "labelsTs"), DatasetManifest.Open(root));
        Assert.Equal(1.0, result.Model.MeanDice);
        Assert.Equal(0.67, result.PositionGuess!.MeanDice, 2);
        Assert.Equal(0.69, result.PositionGuess.ForegroundDice, 2);
        Assert.Equal(12, result.Model.Cases.Count);
        Assert.Equal((1, 0), (result.Model.MeanOfClasses(SegmentationMetric.SurfaceDice), result.Model.MeanOfClasses(SegmentationMetric.Hausdorff)));
    }
}
