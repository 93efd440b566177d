using System.Text.Json;
using SamMed3D.Transfer.Cli;
using static SamMed3D.Transfer.Tests.CleanFolder;

namespace SamMed3D.Transfer.Tests;

public sealed class CleanCommandTests : IDisposable
{
    private readonly CleanFolder _folder = new();

    public CleanCommandTests()
    {
        _folder.Write("in/dataset.json", """
            {"name": "Abdomen", "channel_names": {"0": "CT"}, "labels": {"background": 0, "cyst": 1, "kidney": 2, "liver": 3}, "file_ending": ".nii.gz", "numTraining": 3, "licence": "CC0"}
            """);
        _folder.Write("in/splits_final.json", """[{"train": ["a", "none"], "val": ["b"]}]""");
        Case("Tr", "a", (1, 0, 2), (2, 2, 8), (2, 14, 8));
        Case("Tr", "b", (3, 3, 9), (1, 18, 2));
        Case("Tr", "none", (1, 0, 2));
        Case("Ts", "t", (2, 14, 8));
        _folder.Image("in/imagesTs/unlabelled_0000.nii.gz");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_data_set_keeps_its_layout_under_new_labels_and_loses_cases_without_a_mask()
    {
        var result = _folder.Cleaned("in", "out");
        Assert.Equal(
            [
                "class   masks  kept  too small  background  lost components                    new classes",
                "cyst        3     0          3           0                0                              -",
                "kidney      2     2          0           0                0  1 kidney left, 2 kidney right",
                "liver       1     1          0           0                0                        3 liver",
            ],
            result.OutLines[..4]);
        Assert.Contains("they are left out: none.", result.Error, StringComparison.Ordinal);
        Assert.Contains("gone: cyst.", result.Error, StringComparison.Ordinal);

        var cleaned = DatasetManifest.Open(_folder.File("out"));
        Assert.Equal(["background", "kidney left", "kidney right", "liver"], cleaned.ClassNames);
        Assert.Equal(["a", "b", "t", "unlabelled"], cleaned.Cases.Select(one => one.Id));
        Assert.Null(cleaned["unlabelled"].LabelPath);
        Assert.Equal(["b"], DataSplit.Of(cleaned).Folds[0].Validation);
        Assert.Equal(["a"], DataSplit.Of(cleaned).Folds[0].Training);
        Assert.Equal(File.ReadAllBytes(_folder.File("in/imagesTr/a_0000.nii.gz")), File.ReadAllBytes(cleaned["a"].ImagePaths[0]));
        using var kidneys = LabelVolume.Open(cleaned["a"].LabelPath!);
        Assert.Equal((1, 2, 0), (At(kidneys, 3), At(kidneys, 15), At(kidneys, 0)));
        using var test = LabelVolume.Open(cleaned["t"].LabelPath!);
        Assert.Equal(2, At(test, 15));
    }

    [Fact]
    public void Every_decision_is_in_the_report_with_its_reason()
    {
        _folder.Clean("in", "out", "--csv", _folder.File("decisions.csv"));
        string[] rows = File.ReadAllLines(_folder.File("out/cleaning.csv"));
        Assert.Equal(File.ReadAllLines(_folder.File("decisions.csv")), rows);
        Assert.Equal("a,training,cyst,1,8,64,4,4,4,0.9994213,drop,1,volume below 1 cm3,0,0,0,,,,", rows[1]);
        Assert.Equal("a,training,kidney,2,1024,8192,40,16,16,0.92592593,keep,,,2,2,1024,23,512,512,kidney left=1; kidney right=2", rows[2]);
        Assert.StartsWith("a,training,liver,3,0,0,0,0,0,1,absent,1,empty,", rows[3], StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.File("out/cleaning.json")));
        Assert.Equal(2, json.RootElement.GetProperty("labels").GetProperty("kidney right").GetInt32());
        Assert.Equal("none", json.RootElement.GetProperty("cases_left_out")[0].GetString());
        Assert.Equal(15, json.RootElement.GetProperty("rules").GetProperty("min_side_mm").GetDouble());
    }

    [Fact]
    public void A_dry_run_reports_the_same_and_writes_nothing()
    {
        var dry = CommandLine.Run("clean", _folder.File("in"), "--dry-run", "--csv", _folder.File("dry.csv"));
        Assert.Equal(ExitCode.Ok, dry.ExitCode);
        Assert.Equal("dry run: nothing is written", dry.OutLines[^1]);
        Assert.Equal(["dry.csv", "in"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        _folder.Clean("in", "out");
        Assert.Equal(File.ReadAllText(_folder.File("out/cleaning.csv")), File.ReadAllText(_folder.File("dry.csv")));
    }

    [Fact]
    public void A_run_that_is_stopped_or_fails_leaves_no_output()
    {
        using var stop = new CancellationTokenSource();
        bool hasWritten = false;
        var stopping = new Doing(() =>
        {
            hasWritten = true;
            stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => CleaningRun.Write(_folder.File("in"), _folder.File("out"), new CleaningOptions(), null, stopping, stop.Token));
        Assert.True(hasWritten);
        Assert.Equal(["in"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(path => Path.GetFileName(path)!));

        File.WriteAllBytes(_folder.File("in/labelsTr/b.nii.gz"), [1, 2, 3]);
        var broken = _folder.Clean("in", "out");
        Assert.Equal(ExitCode.BadInput, broken.ExitCode);
        Assert.Contains("b.nii.gz", broken.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(["in"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public void A_fold_that_would_lose_all_cases_of_a_side_is_refused_before_anything_is_copied()
    {
        _folder.Write("in/splits_final.json", """[{"train": ["a"], "val": ["b"]}, {"train": ["a", "b"], "val": ["none"]}]""");
        var refused = _folder.Clean("in", "out");
        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains("fold 1: no case of \"val\" keeps a mask", refused.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(["in"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(path => Path.GetFileName(path)!));
    }

    [Fact]
    public void A_decathlon_data_set_keeps_its_lists()
    {
        _folder.Write("in/dataset.json", """
            {"modality": {"0": "CT"}, "labels": {"0": "background", "1": "cyst", "2": "kidney", "3": "liver", "9": "ignore"}, "numTraining": 3, "numTest": 1,
             "training": [{"image": "./imagesTr/a_0000.nii.gz", "label": "./labelsTr/a.nii.gz"}, {"image": "./imagesTr/none_0000.nii.gz", "label": "./labelsTr/none.nii.gz"},
                          {"image": "./imagesTr/b_0000.nii.gz", "label": "./labelsTr/b.nii.gz"}], "test": ["./imagesTs/unlabelled_0000.nii.gz"]}
            """);
        File.Delete(_folder.File("in/splits_final.json"));
        Assert.Equal(ExitCode.Ok, _folder.Clean("in", "out").ExitCode);
        var cleaned = DatasetManifest.Open(_folder.File("out"));
        Assert.Equal(DatasetLayout.Decathlon, cleaned.Layout);
        Assert.Equal(["background", "kidney left", "kidney right", "liver"], cleaned.ClassNames);
        Assert.Equal(4, cleaned.Labels.IgnoreValue);
        Assert.Equal(["a_0000", "b_0000", "unlabelled_0000"], cleaned.Cases.Select(one => one.Id));
    }

    [Fact]
    public void A_folder_and_a_file_of_labels_are_cleaned_too()
    {
        var folder = CommandLine.Run("clean", _folder.File("in/labelsTr"), _folder.File("labels"), "--class", "2=kidney");
        Assert.Equal(ExitCode.Ok, folder.ExitCode);
        Assert.Equal(["a.nii.gz", "b.nii.gz", "cleaning.csv", "cleaning.json"],
            Directory.EnumerateFiles(_folder.File("labels")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        var file = CommandLine.Run("clean", _folder.File("in/labelsTr/a.nii.gz"), _folder.File("one.nii.gz"), "--no-split");
        Assert.Equal(ExitCode.Ok, file.ExitCode);
        using var cleaned = LabelVolume.Open(_folder.File("one.nii.gz"));
        Assert.Equal((1, 1), (At(cleaned, 3), At(cleaned, 15)));
        Assert.True(File.Exists(_folder.File("one-cleaning.csv")));
    }

    [Fact]
    public void A_data_set_of_another_format_keeps_it_and_both_files_of_its_images()
    {
        foreach (string image in Directory.GetFiles(_folder.File("in/imagesTr")).Concat(Directory.GetFiles(_folder.File("in/imagesTs"))).Concat(
            Directory.GetFiles(_folder.File("in/labelsTr"))).Concat(Directory.GetFiles(_folder.File("in/labelsTs"))))
        {
            VolumeConversion.Convert(image, image[..^".nii.gz".Length] + ".mhd");
            File.Delete(image);
        }

        _folder.Write("in/dataset.json", File.ReadAllText(_folder.File("in/dataset.json")).Replace(".nii.gz", ".mhd", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Ok, _folder.Clean("in", "out").ExitCode);
        var cleaned = DatasetManifest.Open(_folder.File("out"));
        Assert.Equal(["a", "b", "t", "unlabelled"], cleaned.Cases.Select(one => one.Id));
        using var image0 = Volume.Open(cleaned["a"].ImagePaths[0]);
        using var kidneys = LabelVolume.Open(cleaned["a"].LabelPath!);
        Assert.Equal((1, 2, 0), (At(kidneys, 3), At(kidneys, 15), At(kidneys, 0)));
        Assert.Equal(ExitCode.Ok, CommandLine.Run("clean", _folder.File("in/labelsTr/a.mhd"), _folder.File("one.nrrd"), "--no-split").ExitCode);
        Assert.True(File.Exists(_folder.File("one-cleaning.csv")));
    }

    [Fact]
    public void Regions_lists_and_images_are_refused()
    {
        string plain = File.ReadAllText(_folder.File("in/dataset.json"));
        _folder.Write("in/dataset.json", plain.Replace("\"liver\": 3}", "\"liver\": [2, 3]}, \"regions_class_order\": [1, 2, 3]", StringComparison.Ordinal));
        Refused("has regions, which may overlap", _folder.File("in"), _folder.File("out"));
        Refused("is a list", _folder.Write("cases.csv", "id,image\n"), _folder.File("out"));
        using var image = new LabelVolume(full([Edge, Edge, Edge], -1000, int32), Geometry.Create(Edge, 2));
        image.Save(_folder.File("image.nii.gz"));
        Refused("expected a label map, whose values are 0 and above, got -1000; is it an image?", _folder.File("image.nii.gz"), _folder.File("one.nii.gz"));
        Assert.False(Path.Exists(_folder.File("out")) || Path.Exists(_folder.File("one.nii.gz")));
    }

    [Theory]
    [InlineData(4, "--cut")]
    [InlineData(3, "--no-split")]
    [InlineData(5, "--min-volume", "0", "--min-side", "0", "--max-background", "1")]
    public void Voxels_to_ignore_stay_where_they_are_under_the_highest_label(int expected, params string[] options)
    {
        _folder.Write("in/dataset.json", File.ReadAllText(_folder.File("in/dataset.json")).Replace("\"liver\": 3}", "\"liver\": 3, \"ignore\": 9}", StringComparison.Ordinal)
            .Replace("\"numTraining\": 3", "\"numTraining\": 4", StringComparison.Ordinal));
        Case("Tr", "a", (1, 0, 2), (2, 2, 8), (2, 14, 8), (9, 11, 1), (9, 22, 2));
        Case("Tr", "nothing", (9, 4, 10));
        Assert.Equal(ExitCode.Ok, _folder.Clean("in", "out", options).ExitCode);
        var cleaned = DatasetManifest.Open(_folder.File("out"));
        Assert.Equal((expected, expected), (cleaned.Labels.IgnoreValue, cleaned.ClassNames.Count));
        Assert.DoesNotContain(cleaned.Cases, one => one.Id == "nothing");
        using var before = LabelVolume.Open(_folder.File("in/labelsTr/a.nii.gz"));
        using var after = LabelVolume.Open(cleaned["a"].LabelPath!);
        Assert.Equal(1 + 8, before.Voxels().Count(9));
        Assert.Equal(before.Voxels().ToArray().Select(label => label == 9), after.Voxels().ToArray().Select(label => label == expected));
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.File("out/cleaning.json")));
        Assert.Equal(expected, json.RootElement.GetProperty("labels").GetProperty("ignore").GetInt32());
    }

    [Fact]
    public void A_list_of_files_in_dataset_json_loses_the_cases_that_are_left_out()
    {
        string files = string.Join(", ", new[] { "a", "b", "none" }.Select(id => $$"""
            "{{id}}": {"images": ["imagesTr/{{id}}_0000.nii.gz"], "label": "labelsTr/{{id}}.nii.gz"}
            """));
        _folder.Write("in/dataset.json", File.ReadAllText(_folder.File("in/dataset.json")).Replace("\"licence\"", $"\"dataset\": {{{files}}}, \"licence\"", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Ok, _folder.Clean("in", "out").ExitCode);
        Assert.Equal(["a", "b"], DatasetManifest.Open(_folder.File("out")).TrainingCases.Select(one => one.Id));
    }

    [Fact]
    public void What_cannot_be_done_is_said_before_any_work()
    {
        Refused("there is no such file or folder", _folder.File("nowhere"), _folder.File("out"));
        Refused("expected OUT", _folder.File("in"));
        Refused("lies in the input", _folder.File("in"), _folder.File("in/out"));
        Refused("there is no folder", _folder.File("in"), _folder.File("no/out"));
        Refused("not an empty folder", _folder.File("in"), Directory.CreateDirectory(_folder.File("full/x")).Parent!.FullName);
        Refused("a largest part of background from 0 to 1, got 2", _folder.File("in"), _folder.File("out"), "--max-background", "2");
        Refused("expected a number, got 'x'", _folder.File("in"), _folder.File("out"), "--min-side", "x");
        Refused("names its classes itself", _folder.File("in"), _folder.File("out"), "--class", "1=x");
        Refused("no mask of a training case stays", _folder.File("in"), _folder.File("out"), "--min-side", "500");
        Refused("ends in .nii, .nii.gz, .nrrd", _folder.File("in/labelsTr/a.nii.gz"), _folder.File("out"));
        Assert.False(Path.Exists(_folder.File("out")));
    }

    [Fact]
    public void A_file_whose_header_says_nothing_about_its_place_is_not_split()
    {
        string file = _folder.File("labels.nii");
        _folder.Labels("labels.nii", (2, 2, 8));
        byte[] bytes = File.ReadAllBytes(file);
        byte[] unplaced = [.. bytes[..252], 0, 0, 0, 0, .. bytes[256..]];
        File.WriteAllBytes(file, unplaced);
        Refused($"{file}: 'kidney' cannot be split into left and right: neither sform nor qform says where the voxels are;", file, _folder.File("out.nii"), "--class", "2=kidney");
        Refused("correct the header, or split nothing (--no-split)", file, "--dry-run", "--class", "2=kidney");
        Assert.Equal(["in", "labels.nii"], _folder.Names());
        Assert.Equal(ExitCode.Ok, _folder.Clean("labels.nii", "whole.nii", "--class", "2=kidney", "--no-split").ExitCode);
        Assert.Equal(ExitCode.Ok, _folder.Clean("labels.nii", "liver.nii", "--class", "2=liver").ExitCode);

        // Another spacing in pixdim[3] is a contradiction, but the sform is there.
        BitConverter.GetBytes(3f).CopyTo(bytes, 88);
        File.WriteAllBytes(file, bytes);
        Assert.NotNull(VolumeSource.Open(file).PlacementDoubt);
        Assert.Equal(ExitCode.Ok, _folder.Clean("labels.nii", "split.nii", "--class", "2=kidney").ExitCode);
    }

    [Fact]
    public void An_output_that_is_a_link_stays_one_and_the_folder_it_leads_to_is_filled()
    {
        Directory.CreateDirectory(_folder.File("disk/empty"));
        Directory.CreateSymbolicLink(_folder.File("out"), _folder.File("disk/empty"));
        Assert.Equal(ExitCode.Ok, _folder.Clean("in", "out").ExitCode);
        Assert.Equal(_folder.File("disk/empty"), new DirectoryInfo(_folder.File("out")).LinkTarget);
        Assert.Equal(["a", "b", "t", "unlabelled"], DatasetManifest.Open(_folder.File("disk/empty")).Cases.Select(one => one.Id));
        Assert.Equal((1, 2), (_folder.Names("disk").Count(), _folder.Names().Count(name => name != "disk")));

        Directory.CreateSymbolicLink(_folder.File("nowhere"), _folder.File("disk/gone"));
        Refused($"nowhere: is a link to {_folder.File("disk/gone")}, which is not there", _folder.File("in"), _folder.File("nowhere"));
        Directory.CreateSymbolicLink(_folder.File("inside"), Directory.CreateDirectory(_folder.File("in/empty")).FullName);
        Refused("lies in the input", _folder.File("in"), _folder.File("inside"));
    }

    [Fact]
    public void A_file_of_which_no_mask_stays_is_refused_as_a_folder_is()
    {
        string file = _folder.File("in/labelsTr/none.nii.gz");
        Refused("none.nii.gz: no mask stays under these rules, so that there is nothing to write.", file, _folder.File("out.nii.gz"));
        Assert.Equal(["in"], _folder.Names());
        Assert.Equal(ExitCode.Ok, CommandLine.Run("clean", file, "--dry-run").ExitCode);
    }

    [Fact]
    public void What_a_killed_run_left_is_told_when_the_next_one_ends_or_is_refused()
    {
        string remain = Directory.CreateDirectory(_folder.File($".out.{Guid.NewGuid():N}.partial")).FullName;
        foreach (int expected in new[] { ExitCode.Ok, ExitCode.BadInput })
        {
            var result = _folder.Clean("in", "out");
            Assert.Equal(expected, result.ExitCode);
            Assert.Contains($"note: {remain} is half-made;", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Images_are_said_to_be_copied_only_where_there_are_some()
    {
        Assert.EndsWith("of 3 cases", _folder.Clean("in/labelsTr", "labels").OutLines[^1], StringComparison.Ordinal);
        Assert.EndsWith("images copied", _folder.Clean("in", "out").OutLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_fit_no_class_are_told()
    {
        Refused("no class is named 'kidny', which is to be split; there are cyst, kidney, liver.", _folder.File("in"), _folder.File("out"), "--symmetric", "Kidneys", "--symmetric", "kidny");
        Refused("no class is named 'kidney', which is to be split; there are 1, 2, 3.", _folder.File("in/labelsTr"), _folder.File("out"), "--symmetric", "kidney");
        var result = _folder.Clean("in/labelsTr", "out", "--symmetric", "kidney", "--class", "9=kidney", "--class", "3=liver");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Contains("note: --class 9=kidney: no file has such a label; there are 1, 2, 3.", result.ErrorLines);
    }

    [Fact]
    public void An_output_that_another_run_filled_meanwhile_stays_as_it_is()
    {
        var faster = new Doing(() => _folder.Write("out/theirs.txt"));
        string message = Assert.Throws<InvalidDataException>(() => CleaningRun.Write(_folder.File("in"), _folder.File("out"), new CleaningOptions(), null, faster)).Message;
        Assert.StartsWith($"{_folder.File("out")}: was empty or not there when this run began", message, StringComparison.Ordinal);
        Assert.Equal(["in", "out"], _folder.Names());
        Assert.Equal(["theirs.txt"], _folder.Names("out"));
    }

    [Fact]
    public void Labels_that_are_no_classes_are_refused()
    {
        Case("Tr", "b", (3, 3, 9), (7, 18, 2));
        var result = _folder.Clean("in", "out");
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("b.nii.gz: expected labels 0 to 3 as in dataset.json, got also 7.", result.ErrorLines[^1], StringComparison.Ordinal);
    }

    /// <summary>A case of cubes, each with its label, its place along x and its edge in voxels.</summary>
    private void Case(string part, string id, params (int Label, int X, int Edge)[] cubes)
    {
        _folder.Image($"in/images{part}/{id}_0000.nii.gz");
        _folder.Labels($"in/labels{part}/{id}.nii.gz", cubes);
    }

    /// <summary>Does something when the second case is written.</summary>
    private sealed class Doing(Action what) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value is { Stage: "writing", Done: 2 })
                what();
        }
    }
}
