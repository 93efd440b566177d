using System.Text.Json;
using SamMed3D.Transfer.Cli;
using static SamMed3D.Transfer.Tests.CleanFolder;

namespace SamMed3D.Transfer.Tests;

public sealed class CleanTreeTests : IDisposable
{
    private readonly CleanFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_of_organs_gets_a_folder_for_each_side()
    {
        Tree();
        _folder.Write("tree/splits_final.json", """[{"train": ["kidney__ct_A__a", "kidney__ct_A__gone", "liver__ct_A__a"], "val": ["kidney__ct_A__b"]}]""");
        var result = _folder.Cleaned("tree", "out");
        Assert.Equal(
            [
                "class   masks  kept  too small  background  lost components                    new classes",
                "cyst        1     0          1           0                0                              -",
                "kidney      5     4          1           0                0  1 kidney_left, 1 kidney_right",
                "liver       1     1          0           0                0                        1 liver",
            ],
            result.OutLines[..4]);
        Assert.Contains("they are left out: cyst__ct_A__a, kidney__ct_A__gone, cyst__ct_A__u.", result.Error, StringComparison.Ordinal);
        Assert.EndsWith("3 classes, 7 of 10 cases, images copied", result.OutLines[^1], StringComparison.Ordinal);

        var cleaned = DatasetManifest.Open(_folder.File("out"));
        Assert.Equal(DatasetLayout.SamMed3D, cleaned.Layout);
        Assert.Equal(
            ["kidney_left__ct_A__a", "kidney_left__ct_A__b", "kidney_left__ct_B__c", "kidney_right__ct_A__a", "kidney_right__ct_A__v", "liver__ct_A__a"],
            cleaned.TrainingCases.Select(one => one.Id));
        Assert.Equal(["kidney_left__ct_A__t", "kidney_left__ct_B__t", "kidney_right__ct_A__t", "kidney_right__ct_B__t"], cleaned.TestCases.Select(one => one.Id));
        Assert.All(cleaned.TestCases, one => Assert.Null(one.LabelPath));
        Assert.All(cleaned.Cases, one => Assert.Equal(File.ReadAllBytes(_folder.File("tree/liver/ct_A/imagesTr/a.nii.gz")), File.ReadAllBytes(one.ImagePaths[0])));
        Assert.Equal((1, 0, 0), Values("kidney_left__ct_A__a"));
        Assert.Equal((0, 1, 0), Values("kidney_right__ct_A__a"));
        Assert.Equal((0, 1, 0), Values("kidney_right__ct_A__v"));
        Assert.Equal((1, 0, 0), Values("liver__ct_A__a"));
        Assert.Equal(["cleaning.csv", "cleaning.json", "kidney_left", "kidney_right", "liver", "splits_final.json"],
            Directory.EnumerateFileSystemEntries(_folder.File("out")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        var fold = Assert.Single(DataSplit.Of(cleaned).Folds);
        Assert.Equal(["kidney_left__ct_A__a", "kidney_right__ct_A__a", "liver__ct_A__a"], fold.Training);
        Assert.Equal(["kidney_left__ct_A__b"], fold.Validation);
        Assert.EndsWith("512,512,kidney_left=1; kidney_right=1", File.ReadLines(_folder.File("out/cleaning.csv")).Single(row => row.StartsWith("kidney__ct_A__a,", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.File("out/cleaning.json")));
        Assert.Equal(1, json.RootElement.GetProperty("labels").GetProperty("liver").GetInt32());
        Assert.Equal("cyst", Assert.Single(json.RootElement.GetProperty("vanished_classes").EnumerateArray()).GetString());

        (int Left, int Right, int Else) Values(string id)
        {
            using var labels = LabelVolume.Open(cleaned[id].LabelPath!);
            Assert.Equal(labels.Voxels().Length, labels.Voxels().Count(0) + labels.Voxels().Count(1));
            return (At(labels, 3), At(labels, 15), At(labels, 0));
        }
    }

    [Theory]
    [InlineData("tree/kidney", 1)]
    [InlineData("tree/kidney/ct_A", 1)]
    [InlineData("tree/kidney", 2)]
    public void An_organs_or_a_data_sets_folder_becomes_a_tree_of_its_own(string root, int times)
    {
        Tree();
        Assert.Equal(ExitCode.Ok, _folder.Clean(root, "out1").ExitCode);
        Assert.Equal(ExitCode.Ok, times == 1 ? ExitCode.Ok : _folder.Clean("out1", "out2").ExitCode);
        var cleaned = DatasetManifest.Open(_folder.File($"out{times}"));
        Assert.Equal(["kidney_left__ct_A__a", "kidney_left__ct_A__b", "kidney_left__ct_A__t", "kidney_right__ct_A__a", "kidney_right__ct_A__t", "kidney_right__ct_A__v"],
            cleaned.Cases.Select(one => one.Id).Where(id => id.Contains("ct_A", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(root.EndsWith("ct_A", StringComparison.Ordinal) ? 0 : 3, cleaned.Cases.Count(one => one.Id.Contains("ct_B", StringComparison.Ordinal)));
        Assert.Equal(["kidney_right__ct_A__v"], Assert.Single(DataSplit.Of(cleaned).Folds).Validation);
        Assert.Equal(_folder.File($"out{times}/kidney_right/ct_A/labelsVal/v.nii.gz"), cleaned["kidney_right__ct_A__v"].LabelPath);
    }

    [Fact]
    public void A_mask_of_a_tree_is_cut_at_the_midline_where_that_is_asked_for()
    {
        _folder.Mask("tree/kidney/ct_A", "Tr", "across", (1, 8, 10));
        Assert.Equal(ExitCode.Ok, _folder.Clean("tree", "whole").ExitCode);
        Assert.Equal(["kidney_right__ct_A__across"], DatasetManifest.Open(_folder.File("whole")).Cases.Select(one => one.Id));
        Assert.Equal(ExitCode.Ok, _folder.Clean("tree", "cut", "--cut").ExitCode);
        using var left = LabelVolume.Open(_folder.File("cut/kidney_left/ct_A/labelsTr/across.nii.gz"));
        using var right = LabelVolume.Open(_folder.File("cut/kidney_right/ct_A/labelsTr/across.nii.gz"));
        Assert.Equal((1, 0, 0, 1), (At(left, 11), At(left, 12), At(right, 11), At(right, 12)));
        Assert.Equal((400, 600), (left.Voxels().Count(1), right.Voxels().Count(1)));
    }

    [Fact]
    public void A_tree_with_labels_names_or_places_that_do_not_fit_is_refused()
    {
        Tree();
        Refused("names its classes itself", _folder.File("tree"), _folder.File("out"), "--class", "1=liver");
        _folder.Mask("tree/kidney_left/ct_A", "Tr", "a", (1, 2, 8));
        Refused("two classes would be named 'kidney_left' after splitting", _folder.File("tree"), _folder.File("out"));
        _folder.Mask("tree/liver/ct_A", "Tr", "a", (1, 3, 9), (2, 18, 2));
        Refused("liver/ct_A/labelsTr/a.nii.gz: expected labels 0 and 1 alone, one mask a file as in SAM-Med3D's tree, got also 2.", _folder.File("tree"), _folder.File("out"));
        _folder.Mask("tree/kidney/kidney/ct_A", "Tr", "a", (1, 2, 8));
        Refused("would be one case of the output", _folder.File("tree/kidney"), _folder.File("out"));
        Assert.Equal(["tree"], _folder.Names());
    }

    /// <summary>Kidneys on both sides, on one side and too small, also where only test cases go to one side; an organ that goes; one that is not split.</summary>
    private void Tree()
    {
        _folder.Mask("tree/kidney/ct_A", "Tr", "a", (1, 2, 8), (1, 14, 8));
        _folder.Mask("tree/kidney/ct_A", "Tr", "b", (1, 2, 8));
        _folder.Mask("tree/kidney/ct_A", "Tr", "gone", (1, 0, 2));
        _folder.Mask("tree/kidney/ct_A", "Val", "v", (1, 14, 8));
        _folder.Image("tree/kidney/ct_A/imagesTs/t.nii.gz");
        _folder.Mask("tree/kidney/ct_B", "Tr", "c", (1, 2, 8));
        _folder.Image("tree/kidney/ct_B/imagesTs/t.nii.gz");
        _folder.Mask("tree/liver/ct_A", "Tr", "a", (1, 3, 9));
        _folder.Mask("tree/cyst/ct_A", "Tr", "a", (1, 0, 2));
        _folder.Image("tree/cyst/ct_A/imagesTs/u.nii.gz");
    }
}
