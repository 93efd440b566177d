namespace SamMed3D.Transfer.Tests;

public sealed class DataSplitTests : IDisposable
{
    private static readonly string[] Ids = [.. Enumerable.Range(0, 13).Select(index => $"case_{index:00}")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_case_is_validated_on_once_and_trained_on_in_the_other_folds()
    {
        var split = DataSplit.KFold(Ids, 5, seed: 3);

        Assert.Equal(5, split.Folds.Count);
        Assert.Equal(Ids, split.Folds.SelectMany(fold => fold.Validation).Order(StringComparer.Ordinal));
        Assert.All(split.Folds, fold => Assert.Equal(Ids, fold.Training.Concat(fold.Validation).Order(StringComparer.Ordinal)));
        Assert.All(split.Folds, fold => Assert.InRange(fold.Validation.Count, 2, 3));
    }

    [Fact]
    public void Seeded_folds_do_not_depend_on_the_order_of_the_files()
    {
        var one = DataSplit.KFold(Ids, 5, seed: 3);
        var other = DataSplit.KFold(Ids.Reverse(), 5, seed: 3);

        for (var fold = 0; fold < 5; fold++)
            Assert.Equal(one.Folds[fold].Validation, other.Folds[fold].Validation);
    }

    [Fact]
    public void Another_seed_gives_other_folds_and_the_same_seed_the_same_ones_for_ever()
    {
        Assert.NotEqual(DataSplit.KFold(Ids, 5, seed: 1).Folds[0].Validation, DataSplit.KFold(Ids, 5, seed: 2).Folds[0].Validation);
        // Written down, so that a change of the generator, which would silently change everybody's folds, shows.
        Assert.Equal("case_03 case_07 case_10", string.Join(" ", DataSplit.KFold(Ids, 5, seed: 0).Folds[0].Validation));
    }

    [Fact]
    public void More_folds_than_cases_are_refused()
    {
        Assert.Contains("14 folds for 13 cases", Assert.Throws<ArgumentException>(() => DataSplit.KFold(Ids, 14)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_set_smaller_than_its_folds_is_refused_with_the_key_to_change()
    {
        using var folder = new TemporaryFolder();
        var manifest = SyntheticAnatomy.Write(folder.File("data"), new SyntheticAnatomyOptions { Size = new(20, 20, 20), TrainingCases = 3, TestCases = 1 });
        string message = Assert.Throws<InvalidDataException>(() => DataSplit.Of(manifest)).Message;
        Assert.Equal($"{manifest.Source}: expected a training case or more for each of 5 folds, got 3; set data.foldCount to 3 or less.", message);
        Assert.Equal(3, DataSplit.Of(manifest, 3).Folds.Count);
    }

    [Theory]
    [InlineData("""[{"train": ["case_00", "stranger"], "val": ["case_01"]}]""", "fold 0: \"train\" names cases that are no training cases: stranger")]
    [InlineData("""[{"train": ["case_00"], "val": ["case_01"]}, {"train": ["case_00"], "val": ["case_00"]}]""", "fold 1 has these cases in both train and val: case_00")]
    [InlineData("""[{"train": ["case_00"]}]""", "fold 0: expected \"val\" with a list of case ids")]
    [InlineData("""[{"train": ["case_00", "case_00"], "val": ["case_01"]}]""", "names a case twice")]
    [InlineData("""[{"train": ["case_00"], "val": []}]""", "\"val\" is empty")]
    [InlineData("[]", "expected a list of at least one {\"train\": [ids], \"val\": [ids]}, got []")]
    [InlineData("{", "not valid JSON at line 1")]
    public void A_broken_split_file_says_what_is_wrong_with_it(string json, string expected)
    {
        string path = _folder.Write("splits_final.json", json);

        string message = Assert.Throws<InvalidDataException>(() => DataSplit.Open(path, Ids)).Message;

        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_data_sets_own_split_file_is_used_where_there_is_one()
    {
        var manifest = DatasetManifest.Open(Repository.Shared("data/dataset_nnunet"));

        var split = DataSplit.Of(manifest);

        Assert.EndsWith("splits_final.json", split.Origin, StringComparison.Ordinal);
        Assert.Equal(4, split.Folds.Count);
        Assert.All(split.Folds, fold => Assert.Equal((36, 12), (fold.Training.Count, fold.Validation.Count)));
        Assert.Contains("hippocampus_037", split.Folds[0].Validation);
    }

    [SkippableFact]
    public void A_data_set_without_split_file_gets_seeded_folds()
    {
        var split = DataSplit.Of(DatasetManifest.Open(Repository.Shared("data/dataset_msd")), foldCount: 3, seed: 7);

        Assert.Equal("3-fold, seed 7", split.Origin);
        Assert.Equal(6, split.Folds.Sum(fold => fold.Validation.Count));
    }
}
