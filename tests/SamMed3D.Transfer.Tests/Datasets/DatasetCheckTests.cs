using System.Text.Json.Nodes;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

/// <summary>A sound data set of small cases, and one planted defect at a time.</summary>
public sealed class DatasetCheckTests : IDisposable
{
    private const int Training = 6, Test = 2;

    private static readonly Size3 Size = new(6, 5, 4);

    private readonly TemporaryFolder _folder = new();

    public DatasetCheckTests()
    {
        _folder.Write("dataset.json",
            """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "spleen": 2, "ignore": 9}, "numTraining": 6, "file_ending": ".nii.gz"}""");
        foreach (string folder in new[] { "imagesTr", "labelsTr", "imagesTs", "labelsTs" })
            Directory.CreateDirectory(_folder.File(folder));
        for (var index = 0; index < Training + Test; index++)
        {
            Image(index);
            Labels(index, labels => labels[index] = 9);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sound_data_set_has_no_problem() => Assert.Empty(Check());

    [Fact]
    public void A_missing_label_file_is_an_error()
    {
        File.Delete(LabelPath(1));
        var found = Only(DatasetProblemKind.MissingFile, ProblemSeverity.Error);
        Assert.Equal(("c1", "labelsTr/c1.nii.gz"), (found.Case, found.Expected));
    }

    [Fact]
    public void A_label_without_its_image_is_an_error()
    {
        File.Delete(ImagePath(1));
        Assert.Equal("imagesTr/c1_0000.nii.gz", Only(DatasetProblemKind.MissingFile, ProblemSeverity.Error).Expected);
    }

    [Fact]
    public void A_file_that_belongs_to_no_case_is_a_warning()
    {
        File.Copy(ImagePath(1), _folder.File("imagesTr/c1_0001.nii.gz"));
        Assert.Equal("imagesTr/c1_0001.nii.gz", Only(DatasetProblemKind.ExtraFile, ProblemSeverity.Warning).File);
    }

    [Fact]
    public void A_surplus_channel_of_a_case_that_is_not_whole_is_told_too()
    {
        File.Delete(LabelPath(1));
        File.Copy(ImagePath(1), _folder.File("imagesTr/c1_0001.nii.gz"));
        Assert.Equal(["imagesTr/c1_0001.nii.gz"], Check().Where(problem => problem.Kind == DatasetProblemKind.ExtraFile).Select(problem => problem.File));
    }

    [Fact]
    public void A_file_with_another_ending_in_the_place_of_one_that_is_missing_is_named()
    {
        File.Move(ImagePath(1), _folder.File("imagesTr/c1_0000.nii"));
        var found = Only(DatasetProblemKind.MissingFile, ProblemSeverity.Error);
        Assert.Equal("no such file, but c1_0000.nii", found.Found);
        Assert.StartsWith("convert the file that is there", found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void The_data_file_of_a_header_is_no_file_too_many()
    {
        _folder.Write("imagesTr/c1_0000.mhd");
        _folder.Write("imagesTr/c1_0000.zraw");
        Assert.Equal(["imagesTr/c1_0000.mhd"], Check().Where(problem => problem.Kind == DatasetProblemKind.ExtraFile).Select(problem => problem.File));
    }

    [Fact]
    public void A_wrong_number_of_cases_is_an_error()
    {
        _folder.Write("dataset.json", """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "spleen": 2, "ignore": 9}, "numTraining": 7, "file_ending": ".nii.gz"}""");
        Assert.Equal("7", Only(DatasetProblemKind.CaseCount, ProblemSeverity.Error).Found);
    }

    [Fact]
    public void Another_number_of_test_cases_is_a_warning_and_labels_of_some_of_them_a_note()
    {
        _folder.Write("dataset.json",
            """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "spleen": 2, "ignore": 9}, "numTraining": 6, "numTest": 9, "file_ending": ".nii.gz"}""");
        Assert.Equal("9", Only(DatasetProblemKind.CaseCount, ProblemSeverity.Warning).Found);
        _folder.Write("dataset.json",
            """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "spleen": 2, "ignore": 9}, "numTraining": 6, "numTest": 2, "file_ending": ".nii.gz"}""");
        File.Delete(_folder.File("labelsTs/c7.nii.gz"));
        Assert.Equal("1 of 2 without", Only(DatasetProblemKind.CaseCount, ProblemSeverity.Note).Found);
    }

    [Fact]
    public void A_description_that_cannot_be_used_is_an_error_and_reported_like_the_others()
    {
        _folder.Write("dataset.json", """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "liver": 2}, "numTraining": 6, "file_ending": ".nii.gz"}""");
        var found = Only(DatasetProblemKind.BrokenDescription, ProblemSeverity.Error);
        Assert.Equal(("all cases", "dataset.json", "labels.liver: expected one entry, got 2."), (found.Case, found.File, found.Found));
        string json = _folder.File("problems.json");
        Assert.Equal(ExitCode.Failure, CommandLine.Run("check", _folder.Root, "--json", json).ExitCode);
        Assert.Equal("broken-description", (string)JsonNode.Parse(File.ReadAllText(json))!["problems"]![0]!["kind"]!);
    }

    [Fact]
    public void A_file_is_named_from_the_data_set_on_wherever_the_program_runs()
    {
        string root = Path.GetRelativePath(Directory.GetCurrentDirectory(), _folder.Root);
        Image(1, voxels => voxels[3] = float.NaN);
        _folder.Write("splits_final.json", "[]");
        Assert.Equal(["splits_final.json", "imagesTr/c1_0000.nii.gz"], DatasetCheck.Run(root).Problems.Select(problem => problem.File));

        foreach (string name in new[] { "images", "labels" })
            Directory.CreateDirectory(_folder.File($"tree/liver/ct_X/{name}Tr"));
        File.Move(ImagePath(1), _folder.File("tree/liver/ct_X/imagesTr/a.nii.gz"));
        File.Move(LabelPath(1), _folder.File("tree/liver/ct_X/labelsTr/a.nii.gz"));
        File.Move(ImagePath(2), _folder.File("tree/liver/ct_X/imagesTr/b_0000.nii.gz"));
        File.Move(LabelPath(2), _folder.File("tree/liver/ct_X/labelsTr/b.nii.gz"));
        var files = DatasetCheck.Run(Path.Combine(root, "tree")).Problems.Select(problem => problem.File).ToList();
        Assert.Contains("liver/ct_X/imagesTr/a.nii.gz", files);
        Assert.Contains("liver/ct_X/imagesTr/b_0000.nii.gz", files);
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm()
    {
        foreach (string name in new[] { "dataset.json", "splits_final.json" })
        {
            string text = name == "dataset.json" ? File.ReadAllText(_folder.File(name)) : """[{"train": ["c0", "c1"], "val": ["c2"]}]""";
            File.WriteAllText(_folder.File(name), text, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        }

        Assert.Equal(0xef, File.ReadAllBytes(_folder.File("dataset.json"))[0]);
        Assert.Empty(Check());
    }

    [Fact]
    public void Every_misnamed_image_is_an_error_of_its_own()
    {
        File.Move(ImagePath(1), _folder.File("imagesTr/c1.nii.gz"));
        File.Move(ImagePath(2), _folder.File("imagesTr/c2_00.nii.gz"));
        var found = Check();
        Assert.Equal(["imagesTr/c1.nii.gz", "imagesTr/c2_00.nii.gz"],
            found.Where(problem => problem is { Kind: DatasetProblemKind.MisnamedFile, Severity: ProblemSeverity.Error }).Select(problem => problem.File));
        // c1's label needs no second line; nothing tells that c2_00 was meant for c2.
        Assert.Equal(["c2"], found.Where(problem => problem.Kind == DatasetProblemKind.MissingFile).Select(problem => problem.Case));
    }

    [Fact]
    public void What_is_there_in_place_of_a_file_is_told()
    {
        File.Delete(ImagePath(1));
        Directory.CreateDirectory(ImagePath(1));
        File.Delete(LabelPath(2));
        File.CreateSymbolicLink(LabelPath(2), _folder.File("gone.nii.gz"));
        Assert.Equal(["a folder", $"a link to {_folder.File("gone.nii.gz")}, which is not there"],
            Check().Where(problem => problem.Kind == DatasetProblemKind.MissingFile).Select(problem => problem.Found));
    }

    [Theory]
    [InlineData(false, 80, 3f, "pixdim says a spacing of 3x1x1 mm, the sform 1x1x1 mm; the sform counts")] // pixdim[1].
    [InlineData(true, 268, 30f, "by the qform voxels lie up to 30.0 mm off where the sform has them; the sform counts")] // qoffset_x.
    public void A_header_that_contradicts_itself_is_a_warning(bool hasQform, int offset, float value, string expected)
    {
        string path = ImagePath(1);
        byte[] bytes = Inflated(path);
        Assert.True(BitConverter.ToInt16(bytes, 254) > 0, "expected a file with an sform");
        if (hasQform)
            BitConverter.GetBytes((short)1).CopyTo(bytes, 252);
        BitConverter.GetBytes(value).CopyTo(bytes, offset);
        File.WriteAllBytes(path, bytes); // Not gzipped: content counts.
        var found = Only(DatasetProblemKind.DoubtfulPlacement, ProblemSeverity.Warning);
        Assert.Equal(("c1", "imagesTr/c1_0000.nii.gz", expected), (found.Case, found.File, found.Found));
        Assert.Contains(CommandLine.Run("inspect", path).OutLines, line => line.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_header_that_says_nothing_about_its_place_is_a_warning()
    {
        byte[] bytes = Inflated(ImagePath(1));
        bytes.AsSpan(252, 4).Clear();
        File.WriteAllBytes(ImagePath(1), bytes);
        var found = Check().Single(problem => problem.Kind == DatasetProblemKind.DoubtfulPlacement);
        Assert.Equal((ProblemSeverity.Warning, "c1", "where the voxels are"), (found.Severity, found.Case, found.Expected));
        const string Doubt = "neither sform nor qform says where the voxels are; the first axis is taken to run to the left, as nibabel takes it";
        Assert.Equal(Doubt, found.Found);
        Assert.Contains($"doubt        {Doubt}", CommandLine.Run("inspect", ImagePath(1)).OutLines);
        Assert.Equal(Doubt, (string)JsonNode.Parse(CommandLine.Run("inspect", ImagePath(1), "--json").Out)!["placementDoubt"]!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_goes_on_behind_its_voxels_is_a_warning(bool isGzipped)
    {
        byte[] bytes = [.. Inflated(ImagePath(1)), 1, 2];
        using (var file = File.Create(ImagePath(1)))
        using (Stream stream = isGzipped ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest) : file)
            stream.Write(bytes);
        Assert.Equal("imagesTr/c1_0000.nii.gz", Only(DatasetProblemKind.SurplusData, ProblemSeverity.Warning).File);
    }

    [Fact]
    public void Every_broken_row_of_a_list_is_an_error_of_its_own()
    {
        string list = _folder.Write("list.csv", "id,image,label,split\n"
            + $"c0,{ImagePath(0)},{LabelPath(0)},train\nc1,{ImagePath(1)},,train\n,{ImagePath(2)},{LabelPath(2)},train\nc3,{ImagePath(3)},{LabelPath(3)},later\n");
        Assert.Equal([("c1", "no label, though it is for training; give one, or the split test (line 3)"), ("c3", "a split 'later'; expected train, val or test (line 5)"),
                ("line 4", "no id (line 4)")],
            DatasetCheck.Run(list).Problems.Where(problem => problem.Kind == DatasetProblemKind.BrokenDescription).Select(problem => (problem.Case, problem.Found)));
        Assert.EndsWith("c1: no label, though it is for training; give one, or the split test (line 3); correct the row. 2 more: 'check' lists them.",
            Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(list)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_without_training_cases_is_an_error()
    {
        string list = _folder.Write("list.csv", "id,image,label,subject,split\n");
        var found = DatasetCheck.Run(list);
        Assert.Contains(found.Problems, problem => problem is { Kind: DatasetProblemKind.CaseCount, Severity: ProblemSeverity.Error });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_file_that_lacks_its_last_bytes_is_an_error(int count)
    {
        byte[] whole = File.ReadAllBytes(ImagePath(1));
        File.WriteAllBytes(ImagePath(1), whole[..^count]);
        Assert.Equal("c1", Only(DatasetProblemKind.DamagedFile, ProblemSeverity.Error).Case);
    }

    [Fact]
    public void A_missing_description_is_named_and_so_is_a_data_set_below_the_folder()
    {
        Directory.CreateDirectory(_folder.File("all"));
        foreach (string name in new[] { "imagesTr", "labelsTr", "imagesTs", "labelsTs" })
            Directory.Move(_folder.File(name), _folder.File($"all/{name}"));
        File.Move(_folder.File("dataset.json"), _folder.File("all/dataset.json"));
        Assert.Contains("all: is a data set of its own", Assert.Throws<InvalidDataException>(() => Check()).Message, StringComparison.Ordinal);
        File.Delete(_folder.File("all/dataset.json"));
        Assert.Contains("all: has no dataset.json", Assert.Throws<InvalidDataException>(() => Check()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_in_training_and_test_is_an_error()
    {
        File.Copy(ImagePath(7), _folder.File("imagesTs/c1_0000.nii.gz"));
        Assert.Contains(Check(), problem => problem is { Kind: DatasetProblemKind.RepeatedId, Severity: ProblemSeverity.Error, Case: "c1" });
    }

    [Fact]
    public void A_truncated_file_is_an_error_and_the_other_cases_are_still_read()
    {
        byte[] whole = File.ReadAllBytes(ImagePath(1));
        File.WriteAllBytes(ImagePath(1), whole[..(whole.Length / 2)]);
        Assert.Equal("c1", Only(DatasetProblemKind.DamagedFile, ProblemSeverity.Error).Case);
    }

    [Fact]
    public void Another_number_of_channels_is_an_error()
    {
        using (var image = new Volume(rand([2, 6, 5, 4], generator: new Generator(77)), Geometry.Create(Size, 1)))
            image.Save(ImagePath(1));
        Assert.Contains(Check(), problem => problem is { Kind: DatasetProblemKind.ChannelCount, Severity: ProblemSeverity.Error, Found: "2", Case: "c1" });
    }

    [Fact]
    public void Labels_of_another_size_are_an_error()
    {
        using (var labels = new LabelVolume(ones([6, 5, 3], ScalarType.Int32), Geometry.Create(new Size3(6, 5, 3), 1)))
            labels.Save(LabelPath(1));
        var found = Only(DatasetProblemKind.GridMismatch, ProblemSeverity.Error);
        Assert.Contains("6x5x4", found.Expected, StringComparison.Ordinal);
        Assert.Contains("6x5x3", found.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_shifted_by_a_voxel_are_an_error()
    {
        Labels(1, grid: new Geometry(Size, Affine.Translation(new Double3(1, 0, 0))));
        Assert.Equal("c1", Only(DatasetProblemKind.GridMismatch, ProblemSeverity.Error).Case);
    }

    [Fact]
    public void A_NaN_is_an_error()
    {
        Image(1, voxels => voxels[3] = float.NaN);
        Assert.Contains("1 NaN or infinite voxels in channel CT", Only(DatasetProblemKind.NotFinite, ProblemSeverity.Error).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constant_image_is_an_error()
    {
        Image(1, voxels => voxels.Fill(-1000));
        Assert.Contains("-1000 everywhere", Only(DatasetProblemKind.ConstantImage, ProblemSeverity.Error).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_are_no_whole_numbers_are_an_error()
    {
        using (var labels = new Volume(full([1, 6, 5, 4], 0.5f), Geometry.Create(Size, 1)))
            labels.Save(LabelPath(1));
        Assert.Equal("120 voxels with others, such as 0.5", Only(DatasetProblemKind.NotWholeLabels, ProblemSeverity.Error).Found);
    }

    [Fact]
    public void A_label_that_the_data_set_does_not_know_is_an_error()
    {
        Labels(1, labels => labels[^1] = 3);
        var found = Only(DatasetProblemKind.UnexpectedLabels, ProblemSeverity.Error);
        Assert.Equal(("labels 0 to 2 and 9 (ignored)", "also 3 (1 voxels)"), (found.Expected, found.Found));
    }

    [Fact]
    public void Labels_of_nothing_but_background_and_ignored_voxels_are_a_warning()
    {
        Labels(1, labels =>
        {
            labels.Clear();
            labels[0] = 9;
        });
        Assert.Equal("c1", Only(DatasetProblemKind.EmptyLabels, ProblemSeverity.Warning).Case);
    }

    [Fact]
    public void A_class_that_no_training_case_has_is_a_warning()
    {
        for (var index = 0; index < Training; index++)
            Labels(index, labels => labels.Replace(2, 1));
        Assert.Contains(Check(), problem => problem is { Kind: DatasetProblemKind.AbsentClass, Severity: ProblemSeverity.Warning, Case: "spleen" });
    }

    [Fact]
    public void A_copy_within_training_is_a_warning_even_in_another_type_and_compression()
    {
        // 6-bit values with a scale: stored as float32 in one file, and gzipped or not.
        Image(1, voxels => Whole(voxels));
        using (var image = Volume.Open(ImagePath(1)))
        using (var whole = new LabelVolume(image.Values[0].to(ScalarType.Int32).contiguous(), image.Geometry))
            whole.Save(ImagePath(2));
        var found = Only(DatasetProblemKind.DuplicatedImage, ProblemSeverity.Warning);
        Assert.Equal(("c2", "the voxels of c1"), (found.Case, found.Found));
    }

    [Fact]
    public void A_training_image_among_the_test_images_is_an_error()
    {
        File.Copy(ImagePath(1), ImagePath(6), overwrite: true);
        Assert.Equal("c6", Only(DatasetProblemKind.DuplicatedImage, ProblemSeverity.Error).Case);
    }

    [Fact]
    public void A_mirrored_training_image_among_the_test_images_is_an_error()
    {
        using (var image = Volume.Open(ImagePath(1)))
        using (var mirrored = new Volume(image.Values.flip(1).contiguous(), image.Geometry))
            mirrored.Save(ImagePath(6));
        Assert.Equal("the voxels of c1 in another order (turned or mirrored)", Only(DatasetProblemKind.DuplicatedImage, ProblemSeverity.Error).Found);
    }

    [Fact]
    public void The_labels_of_another_image_are_a_warning()
    {
        File.Copy(LabelPath(1), LabelPath(2), overwrite: true);
        Assert.Equal(("c2", "the labels of c1, whose image is another"), Pair(Only(DatasetProblemKind.DuplicatedLabels, ProblemSeverity.Warning)));

        static (string, string) Pair(DatasetProblem problem) => (problem.Case, problem.Found);
    }

    [Fact]
    public void Another_voxel_order_than_the_rest_is_a_warning()
    {
        var turned = new Geometry(Size, Affine.Scaling(new Double3(-1, -1, 1)));
        Image(1, grid: turned);
        Labels(1, labels => labels[1] = 9, turned);
        var found = Only(DatasetProblemKind.OrientationOutlier, ProblemSeverity.Warning);
        Assert.Equal(("c1", "RAS, as 7 of 8 cases", "LPS"), (found.Case, found.Expected, found.Found));
    }

    [Fact]
    public void Another_spacing_than_the_rest_is_a_warning()
    {
        var coarse = Geometry.Create(Size, new Double3(1, 1, 2.5));
        Image(1, grid: coarse);
        Labels(1, labels => labels[1] = 9, coarse);
        var found = Only(DatasetProblemKind.SpacingOutlier, ProblemSeverity.Warning);
        Assert.Equal(("c1", "0.667 to 1.5 mm feet-head (median 1)", "2.5 mm"), (found.Case, found.Expected, found.Found));
    }

    [Fact]
    public void A_CT_that_is_not_in_Hounsfield_units_is_a_warning()
    {
        Image(1, voxels =>
        {
            foreach (ref float voxel in voxels)
                voxel += 1024;
        });
        Assert.Equal("c1", Only(DatasetProblemKind.IntensityOutlier, ProblemSeverity.Warning).Case);
    }

    [Fact]
    public void A_subject_in_training_and_test_is_an_error_and_on_both_sides_of_a_fold_a_warning()
    {
        string list = _folder.Write("list.csv", "id,image,label,subject,split\n" + string.Concat(Enumerable.Range(0, Training + Test).Select(index =>
            $"c{index},{ImagePath(index)},{LabelPath(index)},{(index is 1 or 2 ? "anna" : index is 3 or 7 ? "bert" : $"s{index}")},{(index < Training ? "train" : "test")}\n")));
        _folder.Write("splits_final.json", """[{"train": ["c0", "c1", "c3"], "val": ["c2", "c4", "c5"]}]""");

        var found = DatasetCheck.Run(list).Problems;

        Assert.Equal([(ProblemSeverity.Error, "bert", "both: c3, c7"), (ProblemSeverity.Warning, "fold 0", "both: anna")],
            found.Where(problem => problem.Kind == DatasetProblemKind.SharedSubject).Select(problem => (problem.Severity, problem.Case, problem.Found)));
    }

    [Fact]
    public void Every_fault_of_a_split_is_an_error_but_not_a_case_that_lost_a_file()
    {
        File.Delete(LabelPath(2));
        _folder.Write("splits_final.json", """[{"train": ["c0", "zz"], "val": ["c2"]}, {"train": ["c1", "c3"], "val": ["c1"]}]""");
        var found = Check();
        Assert.Equal(["fold 0: \"train\" names cases that are no training cases: zz", "fold 1 has these cases in both train and val: c1"],
            found.Where(problem => problem is { Kind: DatasetProblemKind.BrokenSplit, Severity: ProblemSeverity.Error, File: "splits_final.json" }).Select(problem => problem.Found));
        Assert.Equal("c2", Assert.Single(found, problem => problem.Kind == DatasetProblemKind.MissingFile).Case);
    }

    [Fact]
    public void The_command_prints_one_table_writes_JSON_and_fails_on_errors_alone()
    {
        string json = _folder.File("problems.json");
        Assert.Equal(ExitCode.Ok, CommandLine.Run("check", _folder.Root).ExitCode);
        Labels(2, labels => labels.Clear());
        Assert.Equal(ExitCode.Ok, CommandLine.Run("check", _folder.Root).ExitCode);
        Image(1, voxels => voxels[3] = float.NaN);

        var result = CommandLine.Run("check", _folder.Root, "--json", json);

        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.StartsWith("severity  case  file                     problem", result.OutLines[0], StringComparison.Ordinal);
        Assert.StartsWith("error     c1    imagesTr/c1_0000.nii.gz  not finite", result.OutLines[1], StringComparison.Ordinal);
        Assert.Equal("6 training and 2 test cases read (NnUnet): 1 errors, 1 warnings, 0 notes", result.OutLines[^1]);
        var written = JsonNode.Parse(File.ReadAllText(json))!;
        Assert.Equal(1, (int)written["errors"]!);
        Assert.Equal("not-finite", (string)written["problems"]![0]!["kind"]!);
        Assert.Equal("imagesTr/c1_0000.nii.gz", (string)written["problems"]![0]!["file"]!);
    }

    [Fact]
    public void A_folder_that_is_no_data_set_is_refused_in_one_line()
    {
        var result = CommandLine.Run("check", _folder.File("nowhere"));
        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("no such folder", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_hippocampus_data_set_has_no_errors()
    {
        var report = DatasetCheck.Run(Repository.Shared("data/dataset_nnunet"));
        Assert.False(report.HasErrors, string.Join('\n', report.Problems));
        Assert.Equal((48, 12), (report.TrainingCases, report.TestCases));
    }

    private IReadOnlyList<DatasetProblem> Check() => DatasetCheck.Run(_folder.Root).Problems;

    private DatasetProblem Only(DatasetProblemKind kind, ProblemSeverity severity)
    {
        var problem = Assert.Single(Check());
        Assert.Equal((kind, severity), (problem.Kind, problem.Severity));
        return problem;
    }

    private string ImagePath(int index) => _folder.File($"images{(index < Training ? "Tr" : "Ts")}/c{index}_0000.nii.gz");

    private string LabelPath(int index) => _folder.File($"labels{(index < Training ? "Tr" : "Ts")}/c{index}.nii.gz");

    private delegate void Change<T>(Span<T> voxels);

    private void Image(int index, Change<float>? change = null, Geometry? grid = null)
    {
        using var scope = NewDisposeScope();
        using var image = new Volume((randn([1, Size.X, Size.Y, Size.Z], generator: new Generator((ulong)index)) * 100 + 20 * index).contiguous(), grid ?? Geometry.Create(Size, 1));
        change?.Invoke(image.Voxels(0));
        image.Save(ImagePath(index));
    }

    private void Labels(int index, Change<int>? change = null, Geometry? grid = null)
    {
        using var labels = new LabelVolume(zeros(Size.ToArray(), ScalarType.Int32), grid ?? Geometry.Create(Size, 1));
        var voxels = labels.Voxels();
        voxels[(20 + index)..50].Fill(1);
        voxels[60..(90 - index)].Fill(2);
        change?.Invoke(voxels);
        labels.Save(LabelPath(index));
    }

    private static byte[] Inflated(string path)
    {
        using var stream = new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress);
        using var whole = new MemoryStream();
        stream.CopyTo(whole);
        return whole.ToArray();
    }

    private static void Whole(Span<float> voxels)
    {
        foreach (ref float voxel in voxels)
            voxel = MathF.Round(voxel);
    }
}
