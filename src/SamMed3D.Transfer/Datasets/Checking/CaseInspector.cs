namespace SamMed3D.Transfer;

/// <summary>Reads a case through, a block at a time, and notes what is wrong with it by itself.</summary>
internal sealed class CaseInspector(DatasetDescription description, List<DatasetProblem> problems, CancellationToken stop)
{
    private const int BlockLength = 1 << 15;

    private readonly double[] _block = new double[BlockLength];
    private readonly HashSet<int> _known = [.. description.Labels.FileValues];

    /// <returns>Null where a file cannot be read to its end.</returns>
    public CaseDigest? Inspect(DatasetCase one)
    {
        int before = problems.Count(problem => problem.Kind == DatasetProblemKind.DamagedFile);
        Geometry? grid = null;
        var channels = new List<VoxelDigest>();
        foreach (string path in one.ImagePaths)
            if (Tried(one, path, () => Image(one, path, grid)) is { } read)
            {
                grid ??= read.Geometry;
                channels.AddRange(read.Channels);
            }

        var labels = one.LabelPath is null ? null : Tried(one, one.LabelPath, () => Labels(one, one.LabelPath, grid));
        if (grid is null || problems.Count(problem => problem.Kind == DatasetProblemKind.DamagedFile) > before)
            return null;
        if (channels.Count != description.ChannelNames.Count)
            Note(ProblemSeverity.Error, DatasetProblemKind.ChannelCount, one, one.ImagePaths[0],
                $"{description.ChannelNames.Count} channel(s) ({string.Join(", ", description.ChannelNames)})", $"{channels.Count}", "correct channel_names, or take other files");
        for (var channel = 0; channel < channels.Count; channel++)
            Judge(one, channel, channels[channel]);
        if (labels is not null)
            Judge(one, labels);
        return new CaseDigest(one, grid, channels, labels);
    }

    private ImageDigest Image(DatasetCase one, string path, Geometry? first)
    {
        using var source = VoxelBlocks.Open(path);
        if (first is not null)
            RequireGrid(one, path, first, source.Geometry);
        var channels = new List<VoxelDigest>();
        for (var channel = 0; channel < source.Channels; channel++)
        {
            using var digest = new VoxelDigest.Builder(source.Geometry.Size);
            Blocks(source, digest.Add);
            channels.Add(digest.Finish(path));
        }

        JudgeFile(one, path, source);
        return new ImageDigest(source.Geometry, channels);
    }

    private LabelDigest Labels(DatasetCase one, string path, Geometry? grid)
    {
        using var source = VoxelBlocks.Open(path);
        if (source.Channels != 1)
            Note(ProblemSeverity.Error, DatasetProblemKind.ChannelCount, one, path, "one label volume", $"{source.Channels}",
                "write one value per voxel; overlapping structures are regions of such values");
        if (grid is not null)
            RequireGrid(one, path, grid, source.Geometry);
        using var digest = new VoxelDigest.Builder(source.Geometry.Size);
        var counts = new SortedDictionary<int, long>();
        long notWhole = 0;
        double example = 0;
        Blocks(source, values =>
        {
            digest.Add(values);
            int last = 0;
            long run = 0;
            foreach (double value in values)
            {
                int whole = (int)value;
                if (whole != value)
                    (notWhole, example) = (notWhole + 1, value);
                else if (run > 0 && whole == last)
                    run++;
                else
                {
                    Count(last, run);
                    (last, run) = (whole, 1);
                }
            }

            Count(last, run);
        });
        JudgeFile(one, path, source);
        return new LabelDigest(digest.Finish(path), counts, notWhole, example);

        void Count(int value, long voxels)
        {
            if (voxels > 0 && (counts.Count < LabelDigest.MostValues || counts.ContainsKey(value)))
                counts[value] = counts.GetValueOrDefault(value) + voxels;
        }
    }

    private sealed record ImageDigest(Geometry Geometry, List<VoxelDigest> Channels);

    private delegate void BlockReader(ReadOnlySpan<double> values);

    /// <summary>One channel.</summary>
    private void Blocks(VoxelBlocks source, BlockReader read)
    {
        for (long left = source.Geometry.Size.Count; left > 0; left -= BlockLength)
        {
            stop.ThrowIfCancellationRequested();
            var part = _block.AsSpan(0, (int)Math.Min(left, BlockLength));
            source.Read(part);
            read(part);
        }
    }

    private void JudgeFile(DatasetCase one, string path, VoxelBlocks read)
    {
        if (read.PlacementDoubt is { } doubt)
            Note(ProblemSeverity.Warning, DatasetProblemKind.DoubtfulPlacement, one, path, read.IsPlaced ? "one place and spacing" : "where the voxels are", doubt,
                read.IsPlaced ? "look which is right and correct the other; other programs may go by pixdim or the qform"
                    : "find out from where it came which way its axes run, and write that into the header; else left and right may be swapped");
        if (read.HasMore)
            Note(ProblemSeverity.Warning, DatasetProblemKind.SurplusData, one, path, $"nothing behind the last of {read.Geometry.Size} voxels", "more data",
                "look whether size and type in the header are right");
    }

    private void RequireGrid(DatasetCase one, string path, Geometry expected, Geometry found)
    {
        if (!found.Matches(expected))
            Note(ProblemSeverity.Error, DatasetProblemKind.GridMismatch, one, path, $"the grid of the image: {expected}", $"{found}",
                expected.Size == found.Size ? "correct the header that is wrong, if the voxels do fit each other" : "resample the file onto the image's grid, or find the right one");
    }

    private void Judge(DatasetCase one, int channel, VoxelDigest digest)
    {
        string name = channel < description.ChannelNames.Count ? description.ChannelNames[channel] : $"{channel}";
        if (digest.NotFinite > 0)
            Note(ProblemSeverity.Error, DatasetProblemKind.NotFinite, one, digest.File, "finite intensities",
                $"{digest.NotFinite} NaN or infinite voxels in channel {name}",
                "replace them, by the least value of the image if they lie outside of the body");
        if (digest.IsConstant)
            Note(ProblemSeverity.Error, DatasetProblemKind.ConstantImage, one, digest.File, "an image",
                FormattableString.Invariant($"{digest.Least} everywhere in channel {name}"),
                "find the right file, or take the case out");
    }

    private void Judge(DatasetCase one, LabelDigest labels)
    {
        if (labels.NotWhole > 0)
            Note(ProblemSeverity.Error, DatasetProblemKind.NotWholeLabels, one, labels.Digest.File, "whole numbers",
                FormattableString.Invariant($"{labels.NotWhole} voxels with others, such as {labels.NotWholeExample:R}"), "round them if they were resampled; take the nearest voxel next time");
        var unexpected = labels.Counts.Where(entry => !_known.Contains(entry.Key)).ToList();
        if (unexpected.Count > 0)
            Note(ProblemSeverity.Error, DatasetProblemKind.UnexpectedLabels, one, labels.Digest.File, $"labels {CaseFiles.Values(description.Labels)}",
                $"also {ShortList.Of([.. unexpected.Select(entry => $"{entry.Key} ({entry.Value} voxels)")], 8)}",
                description.Layout == DatasetLayout.SamMed3D ? "write 0 and 1 alone, each structure into a file of its own in the folder of its organ"
                    : $"add them to {DatasetDescription.FileName}, or correct the labels");
        if (labels.NotWhole == 0 && !labels.Counts.Keys.Any(value => value != 0 && value != description.Labels.IgnoreValue))
            Note(ProblemSeverity.Warning, DatasetProblemKind.EmptyLabels, one, labels.Digest.File, "a labelled voxel", "none",
                "fine if the person has none of the structures; else find the right file");
    }

    /// <summary>What is wrong with a file is a finding, not the end of the check.</summary>
    private T? Tried<T>(DatasetCase one, string path, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Note(ProblemSeverity.Error, DatasetProblemKind.DamagedFile, one, path, "a file that can be read to its end",
                BrokenFile.ReasonOf(path, broken), "get the file anew, or take the case out");
            return null;
        }
    }

    private void Note(ProblemSeverity severity, DatasetProblemKind kind, DatasetCase one, string path, string expected, string found, string advice) =>
        problems.Add(new DatasetProblem(severity, kind, one.Id, expected, found, advice, path));
}
