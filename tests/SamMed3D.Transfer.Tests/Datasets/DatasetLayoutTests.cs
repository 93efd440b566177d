namespace SamMed3D.Transfer.Tests;

public sealed class DatasetLayoutTests : IDisposable
{
    private const string Meanings = """{ "channel_names": {"0": "CT", "1": "PET"}, "labels": {"background": 0, "tumour": 1} }""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Regions_keep_the_order_in_which_they_are_painted_and_an_ignore_label_its_value()
    {
        _folder.Write("dataset.json", """
            { "channel_names": {"0": "MR"}, "file_ending": ".nii.gz", "regions_class_order": [1, 2, 4],
              "labels": {"background": 0, "whole tumour": [1, 2, 4], "core": [2, 4], "enhancing": 4, "ignore": 5} }
            """);
        _folder.Write("imagesTr/a_0000.nii.gz");
        _folder.Write("labelsTr/a.nii.gz");

        var labels = DatasetManifest.Open(_folder.Root).Labels;

        Assert.True(labels.HasRegions);
        Assert.Equal(["whole tumour", "core", "enhancing"], labels.Names);
        Assert.Equal([1, 2, 4], labels.RegionClassOrder!);
        Assert.Equal(5, labels.IgnoreValue);
        Assert.Equal([0, 1, 2, 4, 5], labels.FileValues);
        Assert.Equal(3, labels.ChannelCount);
    }

    [Fact]
    public void An_ignore_label_is_no_class()
    {
        _folder.Write("dataset.json", """{ "channel_names": {"0": "CT"}, "file_ending": ".nii.gz", "labels": {"background": 0, "liver": 1, "ignore": 255} }""");
        _folder.Write("imagesTr/a_0000.nii.gz");
        _folder.Write("labelsTr/a.nii.gz");

        var manifest = DatasetManifest.Open(_folder.Root);

        Assert.Equal(["background", "liver"], manifest.ClassNames);
        Assert.Equal((255, 2), (manifest.Labels.IgnoreValue, manifest.Labels.ChannelCount));
    }

    [Fact]
    public void An_nnunet_list_of_files_replaces_the_search_on_disk()
    {
        _folder.Write("dataset.json", """
            { "channel_names": {"0": "CT"}, "file_ending": ".nii.gz", "labels": {"background": 0, "liver": 1},
              "dataset": { "one": { "images": ["far/away.nii.gz"], "label": "far/label.nii.gz" } } }
            """);
        _folder.Write("far/away.nii.gz");
        _folder.Write("far/label.nii.gz");

        var one = Assert.Single(DatasetManifest.Open(_folder.Root).Cases);

        Assert.Equal(("one", _folder.File("far/away.nii.gz"), _folder.File("far/label.nii.gz")), (one.Id, one.ImagePaths.Single(), one.LabelPath));
    }

    [Fact]
    public void An_image_under_two_organs_of_SAM_Med3Ds_tree_is_one_subject_and_two_cases()
    {
        foreach (string organ in new[] { "liver", "spleen" })
            foreach (string kind in new[] { "imagesTr", "labelsTr" })
                _folder.Write($"{organ}/ct_AMOS/{kind}/amos_0001.nii.gz");
        _folder.Write("spleen/ct_AMOS/imagesTs/amos_0009.nii.gz");
        _folder.Write("spleen/ct_AMOS/labelsTs/amos_0009.nii.gz");

        var manifest = DatasetManifest.Open(_folder.Root);

        Assert.Equal(DatasetLayout.SamMed3D, manifest.Layout);
        Assert.Equal(["liver__ct_AMOS__amos_0001", "spleen__ct_AMOS__amos_0001"], manifest.TrainingCases.Select(one => one.Id));
        Assert.Equal(["ct_AMOS__amos_0001"], manifest.TrainingCases.Select(one => one.Subject).Distinct());
        Assert.Equal("spleen__ct_AMOS__amos_0009", manifest.TestCases.Single().Id);
        Assert.Equal(["CT"], manifest.ChannelNames);
        Assert.Equal(["background", "foreground"], manifest.ClassNames);
    }

    [Fact]
    public void A_folder_of_the_tree_without_its_images_or_labels_lacks_files()
    {
        Pair("liver/ct_A", "a");
        _folder.Write("spleen/ct_A/imagesTr/b.nii.gz");
        _folder.Write("kidney/ct_A/labelsTr/c.nii.gz");
        _folder.Write("lung/ct_A/imagesTs/d.nii.gz");
        Assert.Equal(["kidney/ct_A/imagesTr/c.nii.gz", "spleen/ct_A/labelsTr/b.nii.gz"], Found(DatasetProblemKind.MissingFile).Order(StringComparer.Ordinal));
        Assert.Contains("2 files are missing: kidney/ct_A/imagesTr/c.nii.gz, spleen/ct_A/labelsTr/b.nii.gz",
            Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.Root)).Message, StringComparison.Ordinal);
        Directory.Delete(_folder.File("spleen"), recursive: true);
        Directory.Delete(_folder.File("kidney"), recursive: true);
        Assert.Equal(["liver__ct_A__a", "lung__ct_A__d"], DatasetManifest.Open(_folder.Root).Cases.Select(one => one.Id));
    }

    [Fact]
    public void What_means_nothing_in_the_tree_is_a_warning_but_documents_are_not()
    {
        Pair("liver/ct_A", "a");
        foreach (string fine in new[] { "README.md", "LICENSE", "splits_final.json", "liver/ct_A/notes.txt", "liver/ct_A/imagesTr/._a.nii.gz", "liver/ct_A/imagesTr/m.zraw", "liver/ct_A/imagesTr/m.mhd", "liver/ct_A/labelsTr/m.nii" })
            _folder.Write(fine);
        string[] extra = ["liver/ct_A/a.nii.gz", "liver/ct_A/imagesTr/notes.txt", "liver/ct_A/imagesTr/old", "liver/ct_A/masks", "spleen", "stray.nii.gz"];
        foreach (string path in extra)
            _folder.Write(Path.HasExtension(path) ? path : path + "/x.nii.gz");
        Directory.CreateDirectory(_folder.File("liver/ct_B/imagesTr"));
        Directory.CreateDirectory(_folder.File("liver/ct_B/labelsTr"));
        Assert.Equal(extra, Found(DatasetProblemKind.ExtraFile).Order(StringComparer.Ordinal));
        Assert.Equal(["liver/ct_B"], Found(DatasetProblemKind.CaseCount));
        Assert.Equal(["liver__ct_A__a", "liver__ct_A__m"], DatasetManifest.Open(_folder.Root).Cases.Select(one => one.Id));
    }

    [Fact]
    public void One_file_named_as_nnUNet_names_it_is_an_error_of_its_own_in_the_tree()
    {
        Pair("liver/ct_A", "a");
        _folder.Write("liver/ct_A/imagesTr/p1_0000.nii.gz");
        _folder.Write("liver/ct_A/labelsTr/p1.nii.gz");
        Assert.Equal(["liver/ct_A/imagesTr/p1_0000.nii.gz"], Found(DatasetProblemKind.MisnamedFile));
        Assert.Empty(Found(DatasetProblemKind.MissingFile));
        File.Delete(_folder.File("liver/ct_A/imagesTr/a.nii.gz"));
        Assert.Contains("has no dataset.json, but files named as nnU-Net names them", Assert.Throws<InvalidDataException>(() => DatasetCheck.Run(_folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_a_mask_of_the_tree_cannot_have_are_not_to_be_added_to_a_description()
    {
        Pair("liver/ct_A", "a");
        using (var labels = new LabelVolume(full([4, 4, 4], 3, ScalarType.Int32), Geometry.Create(4, 1)))
        {
            labels.Save(_folder.File("liver/ct_A/labelsTr/a.nii.gz"));
            labels.Save(_folder.File("liver/ct_A/imagesTr/a.nii.gz"));
        }

        Assert.StartsWith("write 0 and 1 alone", DatasetCheck.Run(_folder.Root).Problems.Single(problem => problem.Kind == DatasetProblemKind.UnexpectedLabels).Advice, StringComparison.Ordinal);
    }

    private void Pair(string dataset, string name)
    {
        _folder.Write($"{dataset}/imagesTr/{name}.nii.gz");
        _folder.Write($"{dataset}/labelsTr/{name}.nii.gz");
    }

    private IEnumerable<string?> Found(DatasetProblemKind kind) => DatasetCheck.Run(_folder.Root).Problems.Where(problem => problem.Kind == kind).Select(problem => problem.File);

    [Fact]
    public void A_CSV_list_gives_channels_subjects_and_a_fold()
    {
        _folder.Write("dataset.json", Meanings);
        foreach (string file in new[] { "a_ct.nii", "a_pet.nii", "a_seg.nii", "b_ct.nii", "b_pet.nii", "b_seg.nii", "c_ct.nii", "c_pet.nii" })
            _folder.Write("files/" + file);
        string list = _folder.Write("mine.csv", """
            id,image_0,image_1,label,subject,split,age
            a,files/a_ct.nii,"files/a_pet.nii",files/a_seg.nii,anna,train,40
            b,files/b_ct.nii,files/b_pet.nii,files/b_seg.nii,bert,val,"4,5"
            c,files/c_ct.nii,files/c_pet.nii,,carl,test,
            """);

        var manifest = DatasetManifest.Open(list);

        Assert.Equal((DatasetLayout.List, "mine", _folder.Root), (manifest.Layout, manifest.Name, manifest.Root));
        Assert.Equal([_folder.File("files/a_ct.nii"), _folder.File("files/a_pet.nii")], manifest["a"].ImagePaths);
        Assert.Equal(["anna", "bert", "carl"], manifest.Cases.Select(one => one.Subject));
        Assert.Null(manifest["c"].LabelPath);
        var fold = Assert.Single(DataSplit.Of(manifest).Folds);
        Assert.Equal(["a"], fold.Training);
        Assert.Equal(["b"], fold.Validation);
    }

    [Fact]
    public void Columns_are_known_in_any_case_and_those_that_mean_nothing_are_noted()
    {
        _folder.Write("dataset.json", """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1}}""");
        foreach (string file in new[] { "a.nii", "b.nii", "l.nii" })
            _folder.Write(file);
        string list = _folder.Write("mine.csv", "ID,Image,Label,Split,Stage\na,a.nii,l.nii,train,2\n\n\nb,b.nii,,Test,3\nc,b.nii\n");
        var content = DatasetContent.Of(list);
        Assert.Equal([("a", DatasetPart.Training), ("b", DatasetPart.Test)], content.Cases.Select(one => (one.Id, one.Part)));
        Assert.Equal([(ProblemSeverity.Error, "2 cells where the header has 5 (line 6)"), (ProblemSeverity.Note, "also stage")],
            content.Problems.Select(problem => (problem.Severity, problem.Found)).OrderDescending());
    }

    [Fact]
    public void A_JSON_list_may_give_several_files_a_case()
    {
        _folder.Write("dataset.json", Meanings);
        foreach (string file in new[] { "a.nii", "b.nii", "l.nii" })
            _folder.Write(file);
        string list = _folder.Write("list.json", """[{"id": 1, "image": ["a.nii", "b.nii"], "label": "l.nii", "subject": 7}]""");
        var one = DatasetManifest.Open(list).Cases.Single();
        Assert.Equal(("1", "7"), (one.Id, one.Subject));
        Assert.Equal([_folder.File("a.nii"), _folder.File("b.nii")], one.ImagePaths);
    }

    [Fact]
    public void A_JSON_list_says_itself_what_channels_and_labels_mean()
    {
        _folder.Write("i.nii");
        _folder.Write("l.nii");
        string list = _folder.Write("list.json", """
            { "channel_names": {"0": "MRI"}, "labels": {"background": 0, "cord": 1}, "cases": [ {"id": "one", "image": "i.nii", "label": "l.nii"} ] }
            """);

        var manifest = DatasetManifest.Open(list);

        Assert.Equal(["MRI"], manifest.ChannelNames);
        Assert.Equal("one", manifest.Cases.Single().Subject);
    }

    [Fact]
    public void An_image_of_a_list_may_be_a_folder_with_a_DICOM_series()
    {
        _folder.Write("dataset.json", """{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1}}""");
        new MadeDicom().Save(_folder.File("series"));
        _folder.Write("notes/readme.txt", "no series");
        using (var labels = new LabelVolume(ones([4, 4, 4], ScalarType.Int32), Geometry.Create(4, 1)))
            labels.Save(_folder.File("l.nii"));
        string list = _folder.Write("mine.csv", "id,image,label\na,series,l.nii\nb,notes,l.nii\n");

        Assert.Equal(_folder.File("series"), DatasetManifest.Open(list)["a"].ImagePaths.Single());
        var found = DatasetCheck.Run(list).Problems.Single(problem => problem is { Case: "b", Kind: DatasetProblemKind.DamagedFile });
        Assert.Equal("notes", found.File);
        Assert.Contains("folder", found.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id;image;label\na;x;y\n", "expected columns separated by commas, got ';'")]
    [InlineData("id\timage\na\tx\n", "expected columns separated by commas, got tabs")]
    [InlineData("id,label\na,b\n", "expected a header with the columns id and image")]
    [InlineData("id,image\na,x.nii\n", "a: no key or column 'label', though it is for training")]
    [InlineData("id,image,split\na,x.nii,later\n", "a: a split 'later'; expected train, val or test")]
    [InlineData("id,image,label\na,x.nii\n", "a: 2 cells where the header has 3 (line 2)")]
    [InlineData("id,image,label\na,x.nii,y.nii\n", "2 files are missing: x.nii, y.nii")]
    [InlineData("id,image,label\na/b,x.nii,y.nii\n", "a/b: an id that cannot be the name of a file")]
    [InlineData("id,image,label,Splt\na,x.nii,y.nii,test\n", "splt (did you mean 'split'?)")]
    [InlineData("id,image,label,subject_id\na,x.nii,y.nii,s\n", "subject_id (did you mean 'subject'?)")]
    [InlineData("id,image,lable\na,x.nii,y.nii\n", "lable (did you mean 'label'?)")]
    [InlineData("""[{"id": "a", "image": 5, "label": "y.nii"}]""", "image: expected a text, got '5'")]
    [InlineData("""[{"id": "a", "image": ["x.nii", "x.nii", "x.nii"], "label": "y.nii"}]""", "more images than the 2 channel(s)")]
    [InlineData("id,image,label\na,x.nii,y.nii\nb,\"x.nii,y.nii\n", "line 3: a quotation mark is never closed")]
    [InlineData("id,image\0", "got a binary file")]
    [InlineData("[1, 2]", "expected a list of cases")]
    public void A_broken_list_is_refused_in_one_line(string text, string expected)
    {
        _folder.Write("dataset.json", Meanings);
        string list = _folder.Write("mine.csv", text);

        string message = Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(list)).Message;

        Assert.StartsWith(list, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_without_meanings_says_what_to_write()
    {
        string list = _folder.Write("mine.csv", "id,image\na,x.nii\n");
        Assert.Contains("put a dataset.json beside it", Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(list)).Message, StringComparison.Ordinal);
    }
}
