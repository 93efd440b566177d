namespace SamMed3D.Transfer.Tests;

public sealed class PatchBatchSourceTests
{
    private static readonly RandomFlipOptions NoFlips = new();
    private static readonly PatchOptions Edge4 = new() { PatchSize = 4, ForegroundFraction = 0.3 };

    [Fact]
    public void A_step_gives_the_same_batch_whatever_was_asked_before()
    {
        using var store = Store(5, new(9, 8, 7));
        using var otherStore = Store(5, new(9, 8, 7));
        var flips = new RandomFlipOptions { Axes = [0, 1, 2] };
        var source = new PatchBatchSource(store, Edge4, flips, 3, seed: 11);
        var other = new PatchBatchSource(otherStore, Edge4, flips, 3, seed: 11);
        foreach (long step in new long[] { 40, 3, 17 })
            other.BatchAt(step).Dispose();

        for (long step = 0; step < 6; step++)
        {
            using var expected = source.BatchAt(step);
            using var again = other.BatchAt(step);
            Assert.Equal(expected.CaseIds, again.CaseIds);
            Assert.True(Same(expected.Images, again.Images));
            Assert.True(Same(expected.Labels, again.Labels));
        }
    }

    [Fact]
    public void Another_seed_or_step_gives_another_batch()
    {
        using var store = Store(1, new(20, 20, 20));
        using var one = new PatchBatchSource(store, Edge4, NoFlips, 2, seed: 1).BatchAt(0);
        using var otherSeed = new PatchBatchSource(store, Edge4, NoFlips, 2, seed: 2).BatchAt(0);
        using var otherStep = new PatchBatchSource(store, Edge4, NoFlips, 2, seed: 1).BatchAt(1);

        Assert.False(Same(one.Images, otherSeed.Images));
        Assert.False(Same(one.Images, otherStep.Images));
    }

    [Fact]
    public void Batches_have_the_shapes_and_types_that_the_trainer_wants()
    {
        using var store = Store(2, new(9, 8, 7));
        using var batch = new PatchBatchSource(store, Edge4 with { PatchSize = new(4, 5, 6) }, NoFlips, 3, seed: 1).BatchAt(0);

        Assert.Equal([3, 1, 4, 5, 6], batch.Images.shape);
        Assert.Equal([3, 4, 5, 6], batch.Labels.shape);
        Assert.Equal((ScalarType.Float32, ScalarType.Int64), (batch.Images.dtype, batch.Labels.dtype));
        Assert.Equal(3, batch.CaseIds.Count);
    }

    [Fact]
    public void Every_case_comes_once_before_any_comes_again()
    {
        using var store = Store(6, new(5, 5, 5));
        var source = new PatchBatchSource(store, Edge4, NoFlips, 2, seed: 5);
        var passes = Enumerable.Range(0, 4).Select(pass => Enumerable.Range(0, 3).SelectMany(step => Ids(source, 3 * pass + step)).ToArray()).ToArray();

        Assert.All(passes, pass => Assert.Equal(6, pass.Distinct().Count()));
        Assert.Contains(passes, pass => !pass.SequenceEqual(passes[0]));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(1.0)]
    public void The_wanted_share_of_patches_is_centred_on_a_class_and_small_classes_come_as_often_as_large_ones(double fraction)
    {
        // One voxel of class 1, 125 of class 2, far from the faces: a random patch of edge 3 has its middle on one in 1 of 500 cases.
        using var store = StoreOf(LabelledCase("a", new(44, 44, 44), labels =>
        {
            labels[9, 9, 9] = 1;
            labels[TensorIndex.Slice(29, 34), TensorIndex.Slice(29, 34), TensorIndex.Slice(29, 34)] = 2;
        }));
        var source = new PatchBatchSource(store, Edge4 with { PatchSize = 3, ForegroundFraction = fraction }, NoFlips, 4, seed: 3);
        var middles = new int[3];
        for (var step = 0; step < 250; step++)
        {
            using var batch = source.BatchAt(step);
            for (var sample = 0; sample < 4; sample++)
                middles[batch.Labels[sample, 1, 1, 1].ToInt32()]++;
        }

        // Three standard deviations of 1000 draws, and the few random hits.
        Assert.InRange((middles[1] + middles[2]) / 1000.0, fraction - 0.045, fraction + 0.055);
        if (fraction > 0)
            Assert.InRange(middles[1] / (double)(middles[1] + middles[2]), 0.4, 0.6);
    }

    [Fact]
    public void A_batch_of_one_still_gets_its_share_on_average()
    {
        using var store = StoreOf(LabelledCase("a", new(30, 30, 30), labels => labels[15, 15, 15] = 1));
        var source = new PatchBatchSource(store, Edge4 with { PatchSize = 3, ForegroundFraction = 0.5 }, NoFlips, 1, seed: 3);
        var hits = 0;
        for (var step = 0; step < 400; step++)
        {
            using var batch = source.BatchAt(step);
            hits += batch.Labels[0, 1, 1, 1].ToInt32();
        }

        Assert.InRange(hits, 170, 232);
    }

    [Fact]
    public void Patches_centred_near_a_face_stay_inside_the_case()
    {
        using var store = StoreOf(LabelledCase("a", new(10, 10, 10), labels => labels[0, 9, 5] = 1, outside: -99));
        var source = new PatchBatchSource(store, Edge4 with { ForegroundFraction = 1 }, NoFlips, 1, seed: 3);

        using var batch = source.BatchAt(0);

        Assert.Equal(1, batch.Labels[0, 0, 3, 2].ToInt32());
        Assert.True(batch.Images.min().ToSingle() >= 0);
    }

    [Fact]
    public void Around_a_small_case_lies_the_value_of_outside_and_background()
    {
        using var store = StoreOf(LabelledCase("a", new(3, 9, 4), labels => labels.fill_(1), outside: -7));
        var source = new PatchBatchSource(store, Edge4 with { PatchSize = new(6, 4, 4), JittersSmallCases = false }, NoFlips, 1, seed: 3);

        using var batch = source.BatchAt(0);

        // Three voxels in six: one of padding before and two after.
        Assert.Equal([0, 1, 1, 1, 0, 0], batch.Labels[0, TensorIndex.Colon, 0, 0].data<long>().ToArray().Select(value => (int)value));
        Assert.Equal(48, batch.Labels.sum().ToInt32());
        Assert.True(batch.Images[0, 0, 0].eq(-7).all().ToBoolean());
        Assert.True(batch.Images[0, 0, TensorIndex.Slice(1, 4)].ge(0).all().ToBoolean());
    }

    [Fact]
    public void A_small_case_lies_anywhere_in_the_patch_when_jittered_and_is_always_whole()
    {
        using var store = StoreOf(LabelledCase("a", new(3, 3, 3), labels => labels.fill_(1)));
        var source = new PatchBatchSource(store, Edge4 with { PatchSize = new(5, 4, 3) }, NoFlips, 1, seed: 3);
        var places = new HashSet<(long, long, long)>();
        for (var step = 0; step < 60; step++)
        {
            using var batch = source.BatchAt(step);
            Assert.Equal(27, batch.Labels.sum().ToInt32());
            long[] first = batch.Labels[0].nonzero()[0].data<long>().ToArray();
            places.Add((first[0], first[1], first[2]));
        }

        Assert.Equal(3 * 2 * 1, places.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_flip_mirrors_image_and_labels_together_along_its_axis_alone(int axis)
    {
        // Image and labels both hold 100 x + 10 y + z.
        using var store = StoreOf(LabelledCase("a", new(4, 4, 4), labels => labels.copy_(Coordinates())));
        var source = new PatchBatchSource(store, Edge4, new RandomFlipOptions { Axes = [axis] }, 1, seed: 3);
        var seen = new HashSet<bool>();
        for (var step = 0; step < 20; step++)
        {
            using var batch = source.BatchAt(step);
            bool isPlain = Same(batch.Labels[0], Coordinates().to(ScalarType.Int64));
            bool isFlipped = Same(batch.Labels[0], Coordinates().to(ScalarType.Int64).flip(axis));
            Assert.True(isPlain ^ isFlipped);
            Assert.True(Same(batch.Images[0, 0], batch.Labels[0].to(ScalarType.Float32)));
            seen.Add(isFlipped);
        }

        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public void A_turned_patch_shows_the_case_around_it_and_no_padding()
    {
        // Every patch of 12 in a case of 13 begins at 0 or 1; the case of 40 leaves room around the same patch.
        using var store = StoreOf(LabelledCase("a", new(40, 40, 40), labels => labels[20, 20, 20] = 1, outside: -99));
        var centred = Edge4 with { PatchSize = 12, ForegroundFraction = 1 };
        var turned = new AugmentationOptions { Rotation = new() { Probability = 1, Degrees = 180 } };
        for (var step = 0; step < 10; step++)
        {
            using var batch = new PatchBatchSource(store, centred, NoFlips, 1, seed: 3, turned).BatchAt(step);
            using var plain = new PatchBatchSource(store, centred, NoFlips, 1, seed: 3).BatchAt(step);
            Assert.False(Same(batch.Images, plain.Images));
            Assert.True(batch.Images.min().ToSingle() >= 0);
        }

        using var small = StoreOf(LabelledCase("a", new(13, 13, 13), labels => labels[6, 6, 6] = 1, outside: -99));
        using var padded = new PatchBatchSource(small, centred, NoFlips, 4, seed: 3, turned).BatchAt(0);
        Assert.Equal(-99, padded.Images.min().ToSingle());
    }

    [Fact]
    public void Augmentations_change_neither_which_cases_come_nor_where_patches_lie()
    {
        using var store = Store(5, new(9, 8, 7));
        var bright = new AugmentationOptions { Brightness = new() { Probability = 1, Factor = 2 } };
        using var plain = new PatchBatchSource(store, Edge4, NoFlips, 3, seed: 11).BatchAt(4);
        using var doubled = new PatchBatchSource(store, Edge4, NoFlips, 3, seed: 11, bright).BatchAt(4);
        Assert.Equal(plain.CaseIds, doubled.CaseIds);
        Assert.True(Same(plain.Images * 2, doubled.Images));
        Assert.True(Same(plain.Labels, doubled.Labels));
    }

    [Fact]
    public void A_case_without_labels_is_refused_by_name()
    {
        using var store = StoreOf(LabelledCase("blank", new(4, 4, 4), labels: null));
        var source = new PatchBatchSource(store, Edge4, NoFlips, 1, seed: 3);

        Assert.Contains("Case blank has no labels", Assert.Throws<InvalidDataException>(() => source.BatchAt(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_of_background_alone_gives_random_patches()
    {
        using var store = StoreOf(LabelledCase("a", new(6, 6, 6), labels => labels.fill_(0)));
        using var batch = new PatchBatchSource(store, Edge4 with { ForegroundFraction = 1 }, NoFlips, 2, seed: 3).BatchAt(0);

        Assert.Equal(0, batch.Labels.sum().ToInt32());
    }

    [Fact]
    public void Little_memory_changes_no_batch_and_is_kept_to()
    {
        long oneCase = 2 * 4 * 9 * 8 * 7;
        using var all = Store(5, new(9, 8, 7));
        using var two = Store(5, new(9, 8, 7), limitBytes: 2 * oneCase);
        var expected = new PatchBatchSource(all, Edge4, NoFlips, 3, seed: 11);
        var tight = new PatchBatchSource(two, Edge4, NoFlips, 3, seed: 11);
        for (var step = 0; step < 8; step++)
        {
            using var one = expected.BatchAt(step);
            using var other = tight.BatchAt(step);
            Assert.True(Same(one.Images, other.Images));
            Assert.True(two.HeldBytes <= 2 * oneCase);
        }

        Assert.Equal(5 * oneCase, all.HeldBytes);
    }

    [Fact]
    public void A_batch_leaves_no_tensor_behind_but_its_own_two()
    {
        using var store = Store(3, new(9, 8, 7));
        var source = new PatchBatchSource(store, Edge4, new RandomFlipOptions { Axes = [0, 1] }, 3, seed: 11);
        source.BatchAt(0).Dispose();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (source.BatchAt(1))
            Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        using var store = Store(1, 4);
        Assert.Contains("got 1.5", Assert.Throws<ArgumentException>(() => new PatchBatchSource(store, Edge4 with { ForegroundFraction = 1.5 }, NoFlips, 1, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("got 4x0x4", Assert.Throws<ArgumentException>(() => new PatchBatchSource(store, Edge4 with { PatchSize = new(4, 0, 4) }, NoFlips, 1, 0)).Message, StringComparison.Ordinal);
    }

    private static bool Same(Tensor one, Tensor other) => one.shape.SequenceEqual(other.shape) && one.eq(other).all().ToBoolean();

    private static Tensor Coordinates()
    {
        var along = arange(4, ScalarType.Float32);
        return 100 * along.view(4, 1, 1) + 10 * along.view(1, 4, 1) + along.view(1, 1, 4);
    }

    private static string[] Ids(PatchBatchSource source, long step)
    {
        using var batch = source.BatchAt(step);
        return [.. batch.CaseIds];
    }

    /// <summary>Cases whose voxels number themselves, with a cube of class 1 in each.</summary>
    private static CaseStore Store(int count, Size3 size, long limitBytes = long.MaxValue) => new(
        [.. Enumerable.Range(0, count).Select(index => new DatasetCase($"case_{index}", [], null, DatasetPart.Training))],
        one => Case(one.Id, size, labels =>
        {
            labels[TensorIndex.Slice(1, 3), TensorIndex.Slice(1, 3), TensorIndex.Slice(2, 4)] = 1;
            return arange(size.Count, ScalarType.Float32) + one.Id[^1];
        }),
        limitBytes);

    private static CaseStore StoreOf(PreprocessedCase one) =>
        new([new DatasetCase(one.Id, [], null, DatasetPart.Training)], _ => one);

    private static PreprocessedCase LabelledCase(string id, Size3 size, Action<Tensor>? labels, float outside = 0) =>
        Case(id, size, labels is null ? null : volume => { labels(volume); return volume.to(ScalarType.Float32); }, outside);

    private static PreprocessedCase Case(string id, Size3 size, Func<Tensor, Tensor>? fill, float outside = 0)
    {
        using var scope = NewDisposeScope();
        var geometry = Geometry.Create(size, 1);
        var classes = zeros(size.ToArray(), ScalarType.Int32);
        var image = fill is null ? zeros([1, size.X, size.Y, size.Z]) : fill(classes).reshape(1, size.X, size.Y, size.Z).clone();
        return new PreprocessedCase(id, new Volume(image, geometry), fill is null ? null : new LabelVolume(classes, geometry), geometry, [outside]);
    }
}
