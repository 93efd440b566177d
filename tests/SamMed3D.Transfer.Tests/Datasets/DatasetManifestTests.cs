using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class DatasetManifestTests : IDisposable
{
    private const string TwoChannels = """
        { "channel_names": {"0": "T1", "1": "T2"}, "labels": {"background": 0, "liver": 1, "spleen": 2}, "numTraining": 2, "file_ending": ".nii.gz" }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cases_of_an_nnunet_folder_come_in_ordinal_order_with_every_channel()
    {
        _folder.Write("dataset.json", TwoChannels);
        Images("imagesTr", "b", "B");
        _folder.Write("labelsTr/b.nii.gz");
        _folder.Write("labelsTr/B.nii.gz");
        Images("imagesTs", "c");
        _folder.Write("imagesTr/._b_0000.nii.gz");
        _folder.Write("imagesTr/notes.txt");

        var manifest = DatasetManifest.Open(_folder.Root);

        Assert.Equal(DatasetLayout.NnUnet, manifest.Layout);
        Assert.Equal(["B", "b", "c"], manifest.Cases.Select(one => one.Id));
        Assert.Equal(["background", "liver", "spleen"], manifest.ClassNames);
        Assert.Equal([_folder.File("imagesTr/b_0000.nii.gz"), _folder.File("imagesTr/b_0001.nii.gz")], manifest["b"].ImagePaths);
        Assert.Equal(_folder.File("labelsTr/b.nii.gz"), manifest["b"].LabelPath);
        Assert.Equal(DatasetPart.Test, manifest["c"].Part);
        Assert.Null(manifest["c"].LabelPath);
    }

    [Fact]
    public void Every_missing_file_is_named_at_once()
    {
        _folder.Write("dataset.json", TwoChannels);
        Images("imagesTr", "a");
        _folder.Write("imagesTr/b_0001.nii.gz");
        _folder.Write("labelsTr/b.nii.gz");
        _folder.Write("labelsTr/lonely.nii.gz");

        string message = Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.Root)).Message;

        Assert.Contains("4 files are missing", message, StringComparison.Ordinal);
        foreach (string missing in new[] { "labelsTr/a.nii.gz", "imagesTr/b_0000.nii.gz", "imagesTr/lonely_0000.nii.gz", "imagesTr/lonely_0001.nii.gz" })
            Assert.Contains(missing, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_a_decathlon_list_names_but_are_not_there_are_named_at_once()
    {
        _folder.Write("dataset.json", Decathlon("""{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}, {"image": "./imagesTr/b.nii.gz", "label": "./labelsTr/b.nii.gz"}"""));
        _folder.Write("imagesTr/a.nii.gz");
        _folder.Write("labelsTr/b.nii.gz");

        string message = Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.Root)).Message;

        Assert.Contains("2 files are missing: ./labelsTr/a.nii.gz, ./imagesTr/b.nii.gz", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_nnunet_v1_list_without_channel_numbers_finds_the_numbered_files()
    {
        _folder.Write("dataset.json", Decathlon("""{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}""", """["./imagesTs/t.nii.gz"]"""));
        _folder.Write("imagesTr/a_0000.nii.gz");
        _folder.Write("labelsTr/a.nii.gz");
        _folder.Write("imagesTs/t_0000.nii.gz");

        var manifest = DatasetManifest.Open(_folder.Root);

        Assert.Equal(DatasetLayout.Decathlon, manifest.Layout);
        Assert.Equal(["a", "t"], manifest.Cases.Select(one => one.Id));
        Assert.EndsWith("a_0000.nii.gz", manifest["a"].ImagePaths.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"labels\": ", "not valid JSON at line 1")]
    [InlineData("[]", "expected an object, got Array")]
    [InlineData("""{"labels": {"background": 0}}""", "channel_names: expected it (nnU-Net v2) or \"modality\"")]
    [InlineData("""{"channel_names": {"0": "CT"}, "file_ending": ".nii.gz"}""", "labels: expected the key, got nothing")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": "one"}, "file_ending": ".nii.gz"}""", "labels.liver: expected a whole number, got \"one\"")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 2}, "file_ending": ".nii.gz"}""", "without a gap, got [0, 2]")]
    [InlineData("""{"channel_names": {"1": "CT"}, "labels": {"background": 0, "a": 1}, "file_ending": ".nii.gz"}""", "channel_names: expected the numbers 0, 1, 2")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "a": 1}}""", "file_ending: expected the key, got nothing")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "whole": [1, 2]}, "file_ending": ".nii.gz"}""", "regions_class_order: expected the key, got nothing")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "whole": [1, 2], "core": 2}, "regions_class_order": [1], "file_ending": ".nii.gz"}""", "labels: regions_class_order has 1 values for 2 regions")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "whole": [1, 2], "core": 2}, "regions_class_order": [1, 1], "file_ending": ".nii.gz"}""", "gives region 'core' the value 1, which is none of its own [2]")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "ignore": 1, "a": 2}, "file_ending": ".nii.gz"}""", "labels.ignore: expected a value above those of all classes, as nnU-Net wants it, got 1")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0, "a": 1, "ignore": 1}, "file_ending": ".nii.gz"}""", "the ignore label 1 is also that of the background or of a structure")]
    [InlineData("""{"channel_names": {"0": "CT"}, "labels": {"background": 0}, "file_ending": ".nii.gz"}""", "labels: expected a class or more beside the background")]
    [InlineData("""{"modality": {"0": "MR"}, "labels": {"0": "background", "1": "a"}}""", "training: expected the key, got nothing")]
    [InlineData("""{"modality": {"0": "MR"}, "labels": {"0": "background", "1": "a"}, "training": [{"image": "a.nii.gz"}]}""", "training[0].label: expected the key, got nothing")]
    public void A_broken_description_names_file_key_expected_and_got(string json, string expected)
    {
        string path = _folder.Write("dataset.json", json);

        string message = Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.Root)).Message;

        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_count_that_differs_from_what_is_on_disk_is_refused()
    {
        _folder.Write("dataset.json", TwoChannels);
        Images("imagesTr", "a");
        _folder.Write("labelsTr/a.nii.gz");

        string message = Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.Root)).Message;

        Assert.Contains("numTraining: expected 1, the number of training cases, got 2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_keys_are_tolerated()
    {
        _folder.Write("dataset.json", Decathlon("""{"image": "a.nii.gz", "label": "l.nii.gz", "age": 60}""").Replace("{ \"modality\"", "{ \"licence\": [1], \"modality\"", StringComparison.Ordinal));
        _folder.Write("a.nii.gz");
        _folder.Write("l.nii.gz");

        Assert.Equal("a", DatasetManifest.Open(_folder.Root).Cases.Single().Id);
    }

    [Fact]
    public void One_id_in_training_and_test_is_refused()
    {
        _folder.Write("dataset.json", TwoChannels.Replace("\"numTraining\": 2", "\"numTraining\": 1", StringComparison.Ordinal));
        Images("imagesTr", "a");
        _folder.Write("labelsTr/a.nii.gz");
        Images("imagesTs", "a");

        Assert.Contains("case a occurs 2 times", Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_description_says_what_was_expected()
    {
        Assert.Contains("expected a dataset.json", Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.Root)).Message, StringComparison.Ordinal);
        Assert.Contains("no such folder", Assert.Throws<InvalidDataException>(() => DatasetManifest.Open(_folder.File("none"))).Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("data/dataset_nnunet", DatasetLayout.NnUnet)]
    [InlineData("data/dataset_msd", DatasetLayout.Decathlon)]
    public void The_hippocampus_folders_give_the_listed_cases(string folder, DatasetLayout layout)
    {
        string root = Repository.Shared(folder);
        using var listed = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "cases.json")));

        var manifest = DatasetManifest.Open(root);

        Assert.Equal(layout, manifest.Layout);
        Assert.Equal(["background", "Anterior", "Posterior"], manifest.ClassNames);
        Assert.Equal(["MRI"], manifest.ChannelNames);
        Assert.Equal(Ids("training"), manifest.TrainingCases.Select(one => one.Id));
        Assert.Equal(layout == DatasetLayout.NnUnet ? 12 : 2, manifest.TestCases.Count());
        Assert.All(manifest.Cases, one => Assert.All(one.ImagePaths, path => Assert.True(File.Exists(path))));
        Assert.All(manifest.TestCases, one => Assert.Equal(layout == DatasetLayout.NnUnet, one.LabelPath is not null));

        IEnumerable<string> Ids(string part) => listed.RootElement.GetProperty(part).EnumerateArray().Select(one => one.GetProperty("id").GetString()!);
    }

    private void Images(string folder, params string[] ids)
    {
        foreach (string id in ids)
            for (var channel = 0; channel < 2; channel++)
                _folder.Write($"{folder}/{id}_{channel:0000}.nii.gz");
    }

    private static string Decathlon(string training, string test = "[]") =>
        $$"""{ "modality": {"0": "MRI"}, "labels": {"0": "background", "1": "liver"}, "training": [{{training}}], "test": {{test}} }""";
}
