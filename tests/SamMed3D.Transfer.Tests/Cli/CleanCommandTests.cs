using System.Security.Cryptography;
using System.Text.Json;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class CleanCommandTests : IDisposable
{
    private const int Edge = 24;

    private readonly TemporaryFolder _folder = new();

    public CleanCommandTests()
    {
        // 2 mm voxels: an edge of 8 is 16 mm; in 24^3 voxels 139 are 1 %.
        _folder.Write("in/dataset.json", """
            {"name": "Abdomen", "channel_names": {"0": "CT"}, "labels": {"background": 0, "cyst": 1, "kidney": 2, "liver": 3}, "file_ending": ".nii.gz", "numTraining": 3, "licence": "CC0"}
            """);
        _folder.Write("in/splits_final.json", """[{"train": ["a", "none"], "val": ["b"]}]""");
        Case("Tr", "a", (1, 0, 2), (2, 2, 8), (2, 14, 8));
        Case("Tr", "b", (3, 3, 9), (1, 18, 2));
        Case("Tr", "none", (1, 0, 2));
        Case("Ts", "t", (2, 14, 8));
        Image("in/imagesTs/unlabelled_0000.nii.gz");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_data_set_keeps_its_layout_under_new_labels_and_loses_cases_without_a_mask()
    {
        string before = Fingerprint("in");
        var result = Clean("in", "out");
        Assert.Equal((ExitCode.Ok, before), (result.ExitCode, Fingerprint("in")));
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
        Clean("in", "out", "--csv", _folder.File("decisions.csv"));
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
        Clean("in", "out");
        Assert.Equal(File.ReadAllText(_folder.File("out/cleaning.csv")), File.ReadAllText(_folder.File("dry.csv")));
    }

    [Fact]
    public void A_run_that_is_stopped_or_fails_leaves_no_output()
    {
        using var stop = new CancellationTokenSource();
        var stopping = new Stopping(stop);
        Assert.Throws<OperationCanceledException>(() => CleaningRun.Write(_folder.File("in"), _folder.File("out"), new CleaningOptions(), null, stopping, stop.Token));
        Assert.True(stopping.HasWritten);
        Assert.Equal(["in"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(path => Path.GetFileName(path)!));

        File.WriteAllBytes(_folder.File("in/labelsTr/b.nii.gz"), [1, 2, 3]);
        var broken = Clean("in", "out");
        Assert.Equal(ExitCode.BadInput, broken.ExitCode);
        Assert.Contains("b.nii.gz", broken.ErrorLines[^1], StringComparison.Ordinal);
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
        Assert.Equal(ExitCode.Ok, Clean("in", "out").ExitCode);
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
        Assert.Equal(ExitCode.Ok, Clean("in", "out").ExitCode);
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
        Assert.Equal(ExitCode.Ok, Clean("in", "out", options).ExitCode);
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
        Assert.Equal(ExitCode.Ok, Clean("in", "out").ExitCode);
        Assert.Equal(["a", "b"], DatasetManifest.Open(_folder.File("out")).TrainingCases.Select(one => one.Id));
    }

    [Fact]
    public void A_tree_of_organs_gets_a_folder_for_each_side()
    {
        Tree();
        _folder.Write("tree/splits_final.json", """[{"train": ["kidney__ct_A__a", "kidney__ct_A__gone", "liver__ct_A__a"], "val": ["kidney__ct_A__b"]}]""");
        string before = Fingerprint("tree");
        var result = Clean("tree", "out");
        Assert.Equal((ExitCode.Ok, before), (result.ExitCode, Fingerprint("tree")));
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
        Assert.Equal(ExitCode.Ok, Clean(root, "out1").ExitCode);
        Assert.Equal(ExitCode.Ok, times == 1 ? ExitCode.Ok : Clean("out1", "out2").ExitCode);
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
        Mask("tree/kidney/ct_A", "Tr", "across", (1, 8, 10));
        Assert.Equal(ExitCode.Ok, Clean("tree", "whole").ExitCode);
        Assert.Equal(["kidney_right__ct_A__across"], DatasetManifest.Open(_folder.File("whole")).Cases.Select(one => one.Id));
        Assert.Equal(ExitCode.Ok, Clean("tree", "cut", "--cut").ExitCode);
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
        Mask("tree/kidney_left/ct_A", "Tr", "a", (1, 2, 8));
        Refused("two classes would be named 'kidney_left' after splitting", _folder.File("tree"), _folder.File("out"));
        Mask("tree/liver/ct_A", "Tr", "a", (1, 3, 9), (2, 18, 2));
        Refused("liver/ct_A/labelsTr/a.nii.gz: expected labels 0 and 1 alone, one mask a file as in SAM-Med3D's tree, got also 2.", _folder.File("tree"), _folder.File("out"));
        Mask("tree/kidney/kidney/ct_A", "Tr", "a", (1, 2, 8));
        Refused("would be one case of the output", _folder.File("tree/kidney"), _folder.File("out"));
        Assert.Equal(["in", "tree"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
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
    public void Labels_that_are_no_classes_are_refused()
    {
        Case("Tr", "b", (3, 3, 9), (7, 18, 2));
        var result = Clean("in", "out");
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("b.nii.gz: expected labels 0 to 3 as in dataset.json, got also 7.", result.ErrorLines[^1], StringComparison.Ordinal);
    }

    private static void Refused(string message, params string[] arguments)
    {
        var result = CommandLine.Run(["clean", .. arguments]);
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    private CommandLine Clean(string input, string output, params string[] more) => CommandLine.Run(["clean", _folder.File(input), _folder.File(output), .. more]);

    /// <summary>A case of cubes, each with its label, its place along x and its edge in voxels.</summary>
    private void Case(string part, string id, params (int Label, int X, int Edge)[] cubes)
    {
        Image($"in/images{part}/{id}_0000.nii.gz");
        Labels($"in/labels{part}/{id}.nii.gz", cubes);
    }

    private void Labels(string relative, (int Label, int X, int Edge)[] cubes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(relative))!);
        using var labels = new LabelVolume(zeros([Edge, Edge, Edge], int32), Geometry.Create(Edge, 2));
        foreach (var (label, x, edge) in cubes)
            labels.Values.narrow(0, x, edge).narrow(1, 0, edge).narrow(2, 0, edge).fill_(label);
        labels.Save(_folder.File(relative));
    }

    /// <summary>Kidneys on both sides, on one side and too small, also where only test cases go to one side; an organ that goes; one that is not split.</summary>
    private void Tree()
    {
        Mask("tree/kidney/ct_A", "Tr", "a", (1, 2, 8), (1, 14, 8));
        Mask("tree/kidney/ct_A", "Tr", "b", (1, 2, 8));
        Mask("tree/kidney/ct_A", "Tr", "gone", (1, 0, 2));
        Mask("tree/kidney/ct_A", "Val", "v", (1, 14, 8));
        Image("tree/kidney/ct_A/imagesTs/t.nii.gz");
        Mask("tree/kidney/ct_B", "Tr", "c", (1, 2, 8));
        Image("tree/kidney/ct_B/imagesTs/t.nii.gz");
        Mask("tree/liver/ct_A", "Tr", "a", (1, 3, 9));
        Mask("tree/cyst/ct_A", "Tr", "a", (1, 0, 2));
        Image("tree/cyst/ct_A/imagesTs/u.nii.gz");
    }

    private void Mask(string dataset, string part, string name, params (int Label, int X, int Edge)[] cubes)
    {
        Image($"{dataset}/images{part}/{name}.nii.gz");
        Labels($"{dataset}/labels{part}/{name}.nii.gz", cubes);
    }

    private void Image(string relative)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(relative))!);
        using var image = new Volume(zeros([1, Edge, Edge, Edge]), Geometry.Create(Edge, 2));
        image.Save(_folder.File(relative));
    }

    private static int At(LabelVolume labels, int x) => labels.Voxels()[x * Edge * Edge];

    private string Fingerprint(string folder) => string.Join('\n', Directory.EnumerateFiles(_folder.File(folder), "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"));

    /// <summary>Stops when the second case is written.</summary>
    private sealed class Stopping(CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public bool HasWritten { get; private set; }

        public void Report(RunProgress value)
        {
            if (value is not { Stage: "writing", Done: 2 })
                return;
            HasWritten = true;
            stop.Cancel();
        }
    }
}
