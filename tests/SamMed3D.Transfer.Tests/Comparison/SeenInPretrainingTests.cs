namespace SamMed3D.Transfer.Tests;

public class SeenInPretrainingTests
{
    [Fact]
    public void The_list_has_the_published_counts()
    {
        Assert.Equal(PretrainingDataset.All.Count, PretrainingDataset.All.Select(one => one.Name).Distinct().Count());

        // 58 of the supplement's Table 1, and ISLES 2022 by the authors' answer; 44 fine-tuned on by the table's stars and the authors' list together.
        Assert.Equal(59, PretrainingDataset.All.Count(one => one.Use != PretrainingUse.ValidationOnly));
        Assert.Equal(44, PretrainingDataset.All.Count(one => one.Use == PretrainingUse.PretrainingAndFineTuning));
        Assert.All(PretrainingDataset.All, one => Assert.NotEmpty(one.Source));
    }

    [Theory]
    [InlineData("AMOS22", "")]
    [InlineData("Dataset219_AMOS2022_postChallenge_task2", "")]
    [InlineData("KiTS", "")]
    [InlineData("Dataset220_KiTS2019", "")]
    [InlineData("my WORD copy", "")]
    [InlineData("TotalsegmentatorSmall", "")]
    [InlineData("Hippocampus", "Vanderbilt University Medical Center")]
    [InlineData("Task04_Hippocampus", "The Medical Segmentation Decathlon")]
    [InlineData("MSD_Liver", "")]
    [InlineData("NIH Pancreas-CT", "")]
    public void Data_sets_of_the_list_are_seen_under_their_many_names(string name, string reference) => Assert.Equal(SeenStatus.Seen, Status(name, reference));

    [Theory]
    [InlineData("Liver", "")]
    [InlineData("Hippocampus", "Our own clinic")]
    [InlineData("Dataset501_Prostate", "")]
    [InlineData("SomethingElse", "")]
    [InlineData("Swords", "")]
    [InlineData("Kitsune", "")]
    [InlineData("", "")]
    public void Names_that_prove_nothing_are_unknown(string name, string reference) => Assert.Equal(SeenStatus.Unknown, Status(name, reference));

    [Theory]
    [InlineData("BTCV")]
    [InlineData("SEG.A.2023")]
    [InlineData("CAS2023")]
    [InlineData("SyntheticAnatomy")]
    [InlineData("SyntheticAnatomy-target")]
    public void Only_what_is_published_or_made_here_is_unseen(string name) => Assert.Equal(SeenStatus.NotSeen, Status(name, ""));

    [Fact]
    public void What_the_user_states_and_what_the_weights_say_goes_first()
    {
        var identity = new DatasetIdentity { Name = "Mine", Stated = SeenStatus.NotSeen };
        Assert.Equal(SeenStatus.NotSeen, SeenInPretraining.Check(identity, PretrainingCorpus.SamMed3D).Status);
        Assert.Equal(SeenStatus.Seen, SeenInPretraining.Check(new() { Name = "AMOS22", Stated = SeenStatus.Seen }, PretrainingCorpus.Other).Status);
        SeenData[] known = [new() { Dataset = "mine", Cases = ["a", "b"] }];
        identity = identity with { Stated = null };
        Assert.Contains("1 of the compared cases", SeenInPretraining.Check(identity, PretrainingCorpus.Other, known, ["b", "c"]).Reason, StringComparison.Ordinal);
        Assert.Equal(SeenStatus.Seen, SeenInPretraining.Check(identity, PretrainingCorpus.SegmentAnything, known, ["c"]).Status);
        Assert.Equal(SeenStatus.NotSeen, SeenInPretraining.Check(identity, PretrainingCorpus.SegmentAnything).Status);
        Assert.Equal(SeenStatus.Unknown, SeenInPretraining.Check(identity, PretrainingCorpus.Other).Status);
    }

    [Fact]
    public void Weights_whose_manifest_names_everything_have_not_seen_the_rest()
    {
        var identity = new DatasetIdentity { Name = "Mine" };
        SeenData[] known = [new() { Dataset = "Others", Cases = ["a", "b"] }];
        var stamp = SeenInPretraining.Check(identity, PretrainingCorpus.Other, known, ["c"], isAllKnown: true);
        Assert.Equal(SeenStatus.NotSeen, stamp.Status);
        Assert.Contains("Others", stamp.Reason, StringComparison.Ordinal);
        Assert.Equal(SeenStatus.Unknown, SeenInPretraining.Check(identity, PretrainingCorpus.Other, known, ["c"]).Status);
        // A case of that name may be that case.
        Assert.Equal(SeenStatus.Unknown, SeenInPretraining.Check(identity, PretrainingCorpus.Other, known, ["b", "c"], isAllKnown: true).Status);
        Assert.Equal(SeenStatus.Unknown, SeenInPretraining.Check(identity, PretrainingCorpus.Other, [], ["c"], isAllKnown: true).Status);
    }

    [Fact]
    public void Targets_that_pretraining_segmented_elsewhere_are_named()
    {
        var stamp = SeenInPretraining.Check(new() { Name = "Mine", ClassNames = ["kidney_left", "Livers", "Aorta", "widget"] }, PretrainingCorpus.SamMed3D);
        Assert.Equal(SeenStatus.Unknown, stamp.Status);
        Assert.Equal(["kidney_left", "Livers", "Aorta"], stamp.Targets.Select(target => target.ClassName));
        Assert.Contains("SLIVER07", stamp.Targets[1].Datasets);
    }

    [SkippableFact]
    public void The_real_hippocampus_data_are_seen()
    {
        foreach (string folder in new[] { "dataset_nnunet", "dataset_msd" })
        {
            var stamp = SeenInPretraining.Check(DatasetIdentity.Of(DatasetManifest.Open(Repository.Shared($"data/{folder}"))), PretrainingCorpus.SamMed3D);
            Assert.Equal(SeenStatus.Seen, stamp.Status);
            Assert.StartsWith("MSD_Hippocampus is in SA-Med3D-140K", stamp.Reason, StringComparison.Ordinal);
        }
    }

    private static SeenStatus Status(string name, string reference) =>
        SeenInPretraining.Check(new DatasetIdentity { Name = name, Reference = reference }, PretrainingCorpus.SamMed3D).Status;
}
