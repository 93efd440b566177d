using System.Globalization;

namespace SamMed3D.Transfer.Tests;

public sealed class CaseCacheTests : IDisposable
{
    private static readonly PreprocessingOptions Options = new() { Normalization = Normalization.ZScore };
    private static readonly RandomFlipOptions Flips = new() { Axes = [0, 1, 2] };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(12, AugmentationPreset.None)]
    [InlineData(50, AugmentationPreset.None)]
    [InlineData(17, AugmentationPreset.Standard)]
    public void Patches_from_the_cache_equal_those_from_memory_bit_for_bit(int patch, AugmentationPreset augmentation)
    {
        // Three chunks along X and two along Y, the last ones cut short.
        var manifest = Data(new(70, 40, 33), cases: 2);
        using var memory = Memory(manifest);
        using var cached = new CaseStore([.. manifest.TrainingCases], Cache(manifest));
        var options = new PatchOptions { PatchSize = new(patch, patch - 3, patch + 2), ForegroundFraction = 0.5, RememberedVoxels = 50 };
        PatchBatchSource expected = new(memory, options, Flips, 3, seed: 4, augmentation), found = new(cached, options, Flips, 3, seed: 4, augmentation);
        for (var step = 0; step < 6; step++)
        {
            using var one = expected.BatchAt(step);
            using var other = found.BatchAt(step);
            Assert.Equal(one.CaseIds, other.CaseIds);
            Assert.True(Bits(one.Images).SequenceEqual(Bits(other.Images)));
            Assert.True(one.Labels.equal(other.Labels).all().ToBoolean());
        }

        Assert.Equal(0, cached.HeldBytes);
    }

    [Fact]
    public void Regions_around_targets_equal_those_from_memory()
    {
        var manifest = Data(new(40, 40, 33), cases: 2);
        using var memory = Memory(manifest);
        using var cached = new CaseStore([.. manifest.TrainingCases], Cache(manifest));
        TargetRegions expected = new(memory, 16, minimumVoxels: 20), found = new(cached, 16, minimumVoxels: 20);
        Assert.Equal(expected.Targets, found.Targets);
        using var one = new TargetBatchSource(expected, 3, Flips, 4, seed: 2).BatchAt(1);
        using var other = new TargetBatchSource(found, 3, Flips, 4, seed: 2).BatchAt(1);
        Assert.True(Bits(one.Images).SequenceEqual(Bits(other.Images)));
        Assert.True(one.Labels.equal(other.Labels).all().ToBoolean());
    }

    [Fact]
    public void A_whole_case_comes_back_as_it_was_with_its_grids_and_the_values_outside()
    {
        var manifest = Data(new(40, 33, 20), cases: 1);
        using var memory = Memory(manifest);
        using var cached = new CaseStore([.. manifest.TrainingCases], Cache(manifest));
        PreprocessedCase expected = memory[0], found = cached[0];
        Assert.Equal((expected.Id, expected.Source, expected.Image.Geometry), (found.Id, found.Source, found.Image.Geometry));
        Assert.Equal(expected.OutsideValues, found.OutsideValues);
        Assert.True(Bits(expected.Image.Values).SequenceEqual(Bits(found.Image.Values)));
        Assert.True(expected.Labels!.Voxels().SequenceEqual(found.Labels!.Voxels()));
    }

    [Theory]
    [InlineData(250)]
    [InlineData(30_000)]
    [InlineData(70_000)]
    public void Labels_of_any_size_and_voxels_of_minus_zero_survive(int label)
    {
        var geometry = Geometry.Create(new(33, 5, 7), 1);
        using var image = new Volume(full([1, 33, 5, 7], -0.0f), geometry);
        image.Voxels()[0] = 0;
        using var labels = new LabelVolume(zeros([33, 5, 7], ScalarType.Int32), geometry);
        labels.Voxels()[17] = label;
        using var one = new PreprocessedCase("a", image, labels, geometry, [0]);
        string path = _folder.File("a.case");
        using (var stream = File.Create(path))
            CaseEntryWriter.Write(stream, one, new byte[32]);

        using var entry = CaseEntry.Open(path, new byte[32]);
        var found = new float[33 * 5 * 7];
        entry.ReadImage(0, default, geometry.Size, found);
        var foundLabels = new int[33 * 5 * 7];
        entry.ReadLabels(default, geometry.Size, foundLabels);
        Assert.True(image.Voxels().SequenceEqual(found));
        Assert.True(found.Skip(1).All(float.IsNegative));
        Assert.True(labels.Voxels().SequenceEqual(foundLabels));
    }

    [Fact]
    public void A_second_start_makes_nothing_and_reads_no_source_file()
    {
        var manifest = Data(new(20, 20, 20), cases: 2);
        var first = Cache(manifest);
        Open(first, manifest);
        Assert.Equal((2, 0, 4), (first.Built, first.Repaired, first.SourcesRead));

        var second = Cache(manifest);
        Open(second, manifest);
        Assert.Equal((0, 0, 0), (second.Built, second.Repaired, second.SourcesRead));
    }

    [Fact]
    public void A_file_changed_just_now_is_not_remembered_by_its_time()
    {
        var manifest = Data(new(20, 20, 20), cases: 1);
        File.SetLastWriteTimeUtc(manifest.Cases[0].ImagePaths[0], DateTime.UtcNow);
        Open(Cache(manifest), manifest);
        var second = Cache(manifest);
        Open(second, manifest);
        Assert.Equal((0, 1), (second.Built, second.SourcesRead));
    }

    [Fact]
    public void Other_options_or_other_content_make_another_entry_another_time_does_not()
    {
        var manifest = Data(new(20, 20, 20), cases: 2);
        DatasetCase one = manifest.Cases[0], two = manifest.Cases[1];
        string path = Cache(manifest).PathOf(one);
        Assert.NotEqual(path, Cache(manifest, Options with { Normalization = Normalization.None }).PathOf(one));
        Assert.NotEqual(path, Cache(manifest, Options with { Spacing = 3 }).PathOf(one));
        Assert.NotEqual(path, Cache(manifest).PathOf(two));

        File.SetLastWriteTimeUtc(one.ImagePaths[0], DateTime.UtcNow.AddDays(-9));
        Assert.Equal(path, Cache(manifest).PathOf(one));
        File.Copy(two.LabelPath!, one.LabelPath!, overwrite: true);
        Assert.NotEqual(path, Cache(manifest).PathOf(one));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.001)]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.99999)]
    public void A_changed_byte_is_found_and_the_entry_made_anew(double where)
    {
        var manifest = Data(new(70, 40, 33), cases: 1);
        var (path, sound) = Made(manifest);
        byte[] damaged = [.. sound];
        damaged[(int)(where * sound.Length)] ^= 0x10;
        File.WriteAllBytes(path, damaged);

        RequireSound(manifest, path, sound);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.0001)]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(0.99999)]
    public void A_cut_entry_is_found_and_made_anew(double where)
    {
        var manifest = Data(new(70, 40, 33), cases: 1);
        var (path, sound) = Made(manifest);
        File.WriteAllBytes(path, sound[..(int)(where * sound.Length)]);

        RequireSound(manifest, path, sound);
    }

    [Fact]
    public void Another_entry_under_the_name_is_found_and_made_anew()
    {
        var manifest = Data(new(20, 20, 20), cases: 2);
        var (path, sound) = Made(manifest);
        File.Copy(Cache(manifest).PathOf(manifest.Cases[1]), path, overwrite: true);

        RequireSound(manifest, path, sound);
    }

    [Fact]
    public void A_patch_reads_its_own_chunks_and_no_others()
    {
        var manifest = Data(new(70, 40, 33), cases: 1);
        var (path, sound) = Made(manifest);
        byte[] damaged = [.. sound];
        // The last chunks of the image are at high X: the labels, which come after, are far smaller.
        var header = HeaderOf(path);
        int chunks = new ChunkGrid(header.Geometry.Size).Count;
        damaged[header.Chunks[chunks - 1].Offset] ^= 1;
        File.WriteAllBytes(path, damaged);

        var cache = Cache(manifest);
        using var one = new CachedCase(cache, manifest.Cases[0]);
        var patch = new float[8 * 8 * 8];
        one.ReadImage(0, new PatchPlace(3, 3, 3), 8, patch);
        Assert.Equal(0, cache.Repaired);
        one.ReadImage(0, new PatchPlace(66, 34, 25), 8, patch);
        Assert.Equal(1, cache.Repaired);
        Assert.Equal(sound, File.ReadAllBytes(path));
    }

    [Fact]
    public void Several_caches_in_one_folder_at_once_make_whole_entries_and_leave_nothing_else()
    {
        var manifest = Data(new(40, 40, 20), cases: 4);
        var caches = Enumerable.Range(0, 4).Select(_ => Cache(manifest)).ToArray();
        Parallel.ForEach(caches, cache => Open(cache, manifest));
        Assert.Equal(4, Directory.GetFiles(_folder.File("cache"), "*.case").Length);
        Assert.Empty(Directory.GetFiles(_folder.File("cache"), "*.tmp", SearchOption.AllDirectories));
        using var memory = Memory(manifest);
        using var cached = new CaseStore([.. manifest.TrainingCases], Cache(manifest));
        for (var index = 0; index < 4; index++)
            Assert.True(Bits(memory[index].Image.Values).SequenceEqual(Bits(cached[index].Image.Values)));
    }

    [Fact]
    public void Temporary_files_of_the_dead_and_the_forgotten_are_cleared_those_of_the_living_are_not()
    {
        var manifest = Data(new(20, 20, 20), cases: 1);
        string folder = Directory.CreateDirectory(_folder.File("cache")).FullName;
        string own = TemporaryEntries.NameFor(Path.Combine(folder, "A.case"));
        string id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        // No process can have this number: the kernel's largest is 2^22.
        string dead = own.Replace($"-{id}-", "-999999999-", StringComparison.Ordinal), elsewhere = Path.Combine(folder, $"A.case.elsewhere-999999999-{Guid.NewGuid():N}.tmp");
        string forgotten = Path.Combine(folder, "sources.tmp");
        foreach (string path in (string[])[own, dead, elsewhere, forgotten])
            File.WriteAllText(path, "x");
        foreach (string path in (string[])[own, dead, elsewhere])
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-5));
        File.SetLastWriteTimeUtc(forgotten, DateTime.UtcNow.AddDays(-2));

        _ = Cache(manifest);
        Assert.Equal([true, false, true, false], ((string[])[own, dead, elsewhere, forgotten]).Select(File.Exists));
    }

    [Fact]
    public void A_source_that_changes_during_a_run_is_refused_by_name()
    {
        var manifest = Data(new(20, 20, 20), cases: 1);
        var cache = Cache(manifest);
        File.Delete(Opened(cache, manifest.Cases[0]));
        File.SetLastWriteTimeUtc(manifest.Cases[0].ImagePaths[0], DateTime.UtcNow);
        string message = Assert.Throws<InvalidDataException>(() => cache.Open(manifest.Cases[0])).Message;
        Assert.Contains(manifest.Cases[0].ImagePaths[0], message, StringComparison.Ordinal);
        Assert.Contains("changed while", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_with_its_path()
    {
        var manifest = Data(new(20, 20, 20), cases: 1);
        string file = _folder.Write("file");
        string message = Assert.Throws<InvalidDataException>(() => new CaseCache(Path.Combine(file, "cache"), new CasePreprocessor(Options, manifest))).Message;
        Assert.Contains(Path.Combine(file, "cache"), message, StringComparison.Ordinal);
    }

    private DatasetManifest Data(Size3 size, int cases)
    {
        var manifest = SyntheticAnatomy.Write(_folder.File("data"), new SyntheticAnatomyOptions { Size = size, TrainingCases = cases, TestCases = 1, Seed = 3 });
        foreach (string path in Directory.GetFiles(manifest.Root, "*.nii.gz", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        return manifest;
    }

    private CaseCache Cache(DatasetManifest manifest, PreprocessingOptions? options = null) =>
        new(_folder.File("cache"), new CasePreprocessor(options ?? Options, manifest));

    private static CaseStore Memory(DatasetManifest manifest) => new([.. manifest.TrainingCases], new CasePreprocessor(Options, manifest).Open);

    private static void Open(CaseCache cache, DatasetManifest manifest)
    {
        foreach (var one in manifest.TrainingCases)
            cache.Open(one).Dispose();
    }

    private static string Opened(CaseCache cache, DatasetCase one)
    {
        cache.Open(one).Dispose();
        return cache.PathOf(one);
    }

    /// <summary>The first case's entry and its bytes.</summary>
    private (string Path, byte[] Bytes) Made(DatasetManifest manifest)
    {
        var cache = Cache(manifest);
        Open(cache, manifest);
        string path = cache.PathOf(manifest.Cases[0]);
        return (path, File.ReadAllBytes(path));
    }

    /// <summary>Reads the first case, of which the entry was damaged: right voxels, one repair, the same bytes as before.</summary>
    private void RequireSound(DatasetManifest manifest, string path, byte[] sound)
    {
        var cache = Cache(manifest);
        using var cached = new CaseStore([.. manifest.TrainingCases], cache);
        using var memory = Memory(manifest);
        Assert.True(Bits(memory[0].Image.Values).SequenceEqual(Bits(cached[0].Image.Values)));
        Assert.True(memory[0].Labels!.Voxels().SequenceEqual(cached[0].Labels!.Voxels()));
        Assert.Equal((0, 1), (cache.Built, cache.Repaired));
        Assert.Equal(sound, File.ReadAllBytes(path));
    }

    private static CaseEntryHeader HeaderOf(string path)
    {
        using var stream = File.OpenRead(path);
        return CaseEntryHeader.Read(stream, path);
    }

    private static byte[] Bits(Tensor values) => values.bytes.ToArray();
}
