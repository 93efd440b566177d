namespace SamMed3D.Transfer;

/// <summary>What shows only when cases are held against each other: copies, shared subjects, and what is unlike the rest.</summary>
internal sealed class CaseComparison(DatasetDescription description, IReadOnlyList<CaseDigest> cases, List<DatasetProblem> problems)
{
    /// <summary>Spacings within this factor of the median are never called unusual.</summary>
    private const double SpacingFactor = 1.5;

    /// <summary>The same for the spread of intensities.</summary>
    private const double SpreadFactor = 3;

    /// <summary>Means of CT within so many Hounsfield units of the median are never called unusual.</summary>
    private const double CtReach = 300;

    /// <summary>The share of the cases that the commonest voxel order must have for the others to be called unusual.</summary>
    private const double CommonestShare = 0.75;

    private static readonly string[] Axes = ["left-right", "back-front", "feet-head"];

    public void Run()
    {
        Subjects();
        Copies();
        AbsentClasses();
        Orientations();
        Spacings();
        for (var channel = 0; channel < description.ChannelNames.Count; channel++)
            Intensities(channel);
    }

    private void Subjects()
    {
        foreach (var subject in cases.GroupBy(one => one.Case.Subject, StringComparer.Ordinal).Where(group => group.Select(one => one.Case.Part).Distinct().Count() > 1))
            problems.Add(new(ProblemSeverity.Error, DatasetProblemKind.SharedSubject, subject.Key, "a subject in training or in test",
                $"both: {Names(subject.Select(one => one.Case.Id))}", "move all of its cases to one part; test scores do not count otherwise"));
    }

    private void Copies()
    {
        var images = cases.SelectMany(one => one.Channels.Select((digest, channel) => (One: one, Channel: channel, Digest: digest)))
            .Where(image => !image.Digest.IsConstant).ToList();
        foreach (var copies in images.GroupBy(image => image.Digest.Unordered).Where(group => group.Count() > 1))
        {
            var first = copies.First();
            foreach (var copy in copies.Skip(1))
            {
                bool isSameOrder = copy.Digest.Ordered == first.Digest.Ordered;
                string found = $"the voxels of {first.One.Case.Id}{(isSameOrder ? "" : " in another order (turned or mirrored)")}";
                var (severity, advice) = copy.One == first.One
                    ? (ProblemSeverity.Warning, "find the right file for one of the channels")
                    : copy.One.Case.Part != first.One.Case.Part
                    ? (ProblemSeverity.Error, "remove one of the two; test scores do not count otherwise")
                    : copy.One.Case.Subject == first.One.Case.Subject
                    ? (ProblemSeverity.Note, "fine: both are cases of one subject and stay together")
                    : (ProblemSeverity.Warning, "remove one of the two, or give both one subject; validation scores are too good otherwise");
                problems.Add(new(severity, DatasetProblemKind.DuplicatedImage, copy.One.Case.Id, "an image of its own",
                    copy.One == first.One ? $"channel {copy.Channel} holds the voxels of channel {first.Channel}" : found, advice,
                    copy.Digest.File));
            }
        }

        foreach (var copies in cases.Where(one => one.Labels is { Digest.IsConstant: false }).GroupBy(one => one.Labels!.Digest.Ordered).Where(group => group.Count() > 1))
            foreach (var copy in copies.Skip(1).Where(copy => copy.Channels.Count > 0 && copies.First().Channels.Count > 0
                && copy.Channels[0].Unordered != copies.First().Channels[0].Unordered))
                problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.DuplicatedLabels, copy.Case.Id, "labels of its own",
                    $"the labels of {copies.First().Case.Id}, whose image is another", "find the right label file for one of the two",
                    copy.Labels!.Digest.File));
    }

    private void AbsentClasses()
    {
        var training = cases.Where(one => one.Case.Part == DatasetPart.Training && one.Labels is not null).ToList();
        if (training.Count == 0)
            return;
        foreach (var structure in description.Labels.Structures.Where(structure => !training.Exists(one => structure.Values.Any(one.Labels!.Counts.ContainsKey))))
            problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.AbsentClass, structure.Name, "voxels in some training case",
                $"none in {training.Count} cases", $"take it out of {DatasetDescription.FileName}, or find the cases that have it",
                DatasetDescription.FileName));
    }

    private void Orientations()
    {
        var orders = cases.GroupBy(one => one.Geometry.Orientation.Code).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).ToList();
        if (orders.Count < 2 || cases.Count < RobustRange.FewestValues)
            return;
        if (orders[0].Count() < CommonestShare * cases.Count)
        {
            problems.Add(new(ProblemSeverity.Note, DatasetProblemKind.OrientationOutlier, "all cases", "one voxel order, mostly",
                string.Join(", ", orders.Select(order => $"{order.Key} ({order.Count()})")), "fine as far as the headers are right: volumes are brought to RAS+"));
            return;
        }

        foreach (var one in orders.Skip(1).SelectMany(order => order))
            problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.OrientationOutlier, one.Case.Id, $"{orders[0].Key}, as {orders[0].Count()} of {cases.Count} cases",
                one.Geometry.Orientation.Code, "look whether the header is right; volumes are brought to RAS+ by what it says",
                one.Case.ImagePaths[0]));
    }

    private void Spacings()
    {
        for (var axis = 0; axis < Axes.Length; axis++)
        {
            double[] logs = [.. cases.Select(one => Math.Log(Canonical(one.Geometry)[axis]))];
            var usual = RobustRange.Of(logs, Math.Log(SpacingFactor));
            for (var index = 0; index < logs.Length; index++)
                if (!usual.Holds(logs[index]))
                    problems.Add(new(ProblemSeverity.Warning, DatasetProblemKind.SpacingOutlier, cases[index].Case.Id,
                        FormattableString.Invariant($"{Math.Exp(usual.Median - usual.Reach):0.###} to {Math.Exp(usual.Median + usual.Reach):0.###} mm {Axes[axis]} (median {Math.Exp(usual.Median):0.###})"),
                        FormattableString.Invariant($"{Math.Exp(logs[index]):0.###} mm"), "look whether the header is right; a wrong one makes structures of a wrong size",
                        cases[index].Case.ImagePaths[0]));
        }
    }

    private void Intensities(int channel)
    {
        string name = description.ChannelNames[channel];
        bool isCt = Modality.IsCt(name);
        var images = cases.Where(one => one.Channels.Count > channel && !one.Channels[channel].IsConstant && one.Channels[channel].NotFinite == 0).ToList();
        var spread = RobustRange.Of([.. images.Select(one => Math.Log(one.Channels[channel].Deviation))], Math.Log(SpreadFactor));
        var mean = RobustRange.Of([.. images.Select(one => one.Channels[channel].Mean)], CtReach);
        foreach (var one in images)
        {
            var digest = one.Channels[channel];
            bool isOdd = !spread.Holds(Math.Log(digest.Deviation));
            if (!isOdd && !(isCt && !mean.Holds(digest.Mean)))
                continue;
            // Only CT has a scale of its own: elsewhere each image is normalised by itself.
            problems.Add(new(isCt ? ProblemSeverity.Warning : ProblemSeverity.Note, DatasetProblemKind.IntensityOutlier, one.Case.Id,
                FormattableString.Invariant($"{name}: a deviation of about {Math.Exp(spread.Median):G3}")
                    + (isCt ? FormattableString.Invariant($" around {mean.Median:G3}") : ""),
                FormattableString.Invariant($"{digest.Deviation:G3} around {digest.Mean:G3}, {digest.Least:G5} to {digest.Most:G5}"),
                isCt ? "look whether these are Hounsfield units" : "fine if the scanner's scale is arbitrary: each image is normalised by itself",
                digest.File));
        }
    }

    /// <summary>The spacing along left-right, back-front, feet-head.</summary>
    internal static Double3 Canonical(Geometry geometry) => Reorientation.To(geometry, Orientation.Canonical).Spacing;

    private static string Names(IEnumerable<string> ids) => string.Join(", ", ids.Take(6)) + (ids.Skip(6).Any() ? " …" : "");
}
