namespace SamMed3D.Transfer;

/// <summary>The cleaning of one label map: first the decisions, then, if wanted, the cleaned labels. Time is linear in the voxels.</summary>
public sealed class LabelCleaning
{
    /// <summary>Sums of spacings are rounded; a limit that is met is met.</summary>
    private const double Rounding = 1e-6;

    private readonly Geometry _geometry;
    private readonly CleaningOptions _options;
    private readonly ComponentMap _components;

    // The mask that each component goes to; null for background. With SideRule.ByVoxel sides are told when painting.
    private readonly CleanedMask?[] _masks;

    private LabelCleaning(Geometry geometry, CleaningOptions options, ComponentMap components)
    {
        _geometry = geometry;
        _options = options;
        _components = components;
        _masks = new CleanedMask?[components.Count];
        Midline = options.Midline ?? geometry.ToWorld(new Double3((geometry.Size.X - 1) / 2.0, (geometry.Size.Y - 1) / 2.0, (geometry.Size.Z - 1) / 2.0)).X;
    }

    /// <summary>What becomes of each class, in the order of the classes.</summary>
    public IReadOnlyList<MaskDecision> Decisions { get; private set; } = [];

    /// <summary>The masks that stay, in the order of the classes, left before right.</summary>
    public IEnumerable<CleanedMask> Masks =>
        Decisions.SelectMany(decision => decision.Outcome.Select(side => new CleanedMask(decision.Value, side)));

    private double Midline { get; }

    /// <summary>Decides about every class.</summary>
    /// <param name="labels">The label map; it stays as it is.</param>
    /// <param name="classNames">The classes by label, without the background.</param>
    /// <param name="options">The rules.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public static LabelCleaning Decide(LabelVolume labels, IReadOnlyDictionary<int, string> classNames, CleaningOptions options)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        var components = ConnectedComponents.Of(labels.Voxels(), labels.Geometry.Size, options.Connectivity);
        var cleaning = new LabelCleaning(labels.Geometry, options, components);
        var byLabel = Enumerable.Range(0, components.Count).ToLookup(component => components.Labels[component]);
        var boxes = components.Boxes();
        var decisions = classNames.OrderBy(entry => entry.Key)
            .Select(entry => cleaning.Decide(entry.Key, entry.Value, [.. byLabel[entry.Key]], boxes)).ToList();
        cleaning.Decisions = decisions;
        if (options.SideRule == SideRule.ByVoxel)
            cleaning.CountSides(decisions);
        return cleaning;
    }

    /// <summary>The cleaned labels; the caller owns them.</summary>
    /// <param name="values">The new label of each mask that stays.</param>
    /// <param name="others">New labels of values that are no masks, such as nnU-Net's ignore label: all of their voxels stay. What is in neither becomes background.</param>
    /// <exception cref="ArgumentException">A mask that stays has no label, or a class is among the others.</exception>
    public LabelVolume Paint(IReadOnlyDictionary<CleanedMask, int> values, IReadOnlyDictionary<int, int>? others = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Masks.FirstOrDefault(mask => !values.ContainsKey(mask)) is { Value: not 0 } forgotten)
            throw new ArgumentException($"There is no new label for {forgotten.NameOf($"label {forgotten.Value}")}.", nameof(values));
        if (others is not null && Decisions.FirstOrDefault(decision => others.ContainsKey(decision.Value)) is { } mask)
            throw new ArgumentException($"Label {mask.Value} is the class '{mask.ClassName}', which is cleaned; it cannot stay as it is.", nameof(others));
        var size = _geometry.Size;
        var cleaned = new LabelVolume(zeros([size.X, size.Y, size.Z], int32), _geometry);
        _components.Paint(
            [.. _masks.Select((mask, component) => mask is { } kept ? values.GetValueOrDefault(kept) : others?.GetValueOrDefault(_components.Labels[component]) ?? 0)],
            cleaned.Voxels());
        if (_options.SideRule == SideRule.ByVoxel)
            foreach (var decision in Decisions.Where(decision => decision.Midline is not null))
            {
                // Components of a split organ carry "left" until the voxels are told apart; that may be a side without voxels and so without a label.
                var marked = MaskOf(decision.Value);
                int left = values.GetValueOrDefault(new CleanedMask(decision.Value, BodySide.Left));
                int right = values.GetValueOrDefault(new CleanedMask(decision.Value, BodySide.Right));
                var voxels = cleaned.Voxels();
                for (var i = 0; i < voxels.Length; i++)
                    if (marked[i] != 0)
                        voxels[i] = IsLeft(i) ? left : right;
            }

        return cleaned;
    }

    private MaskDecision Decide(int value, string name, int[] components, IReadOnlyList<VoxelBox> boxes)
    {
        var spacing = _geometry.Spacing;
        long count = components.Sum(component => _components.VoxelCounts[component]);
        var box = components.Aggregate(VoxelBox.Empty, (all, component) => all.With(boxes[component])).Size;
        var decision = new MaskDecision
        {
            Value = value, ClassName = name, VoxelCount = count, Volume = count * spacing.X * spacing.Y * spacing.Z,
            Sides = new Double3(box.X * spacing.X, box.Y * spacing.Y, box.Z * spacing.Z),
            BackgroundFraction = 1 - (double)count / _geometry.Size.Count,
        };
        if (Objection(decision) is var (step, reason) && step > 0)
            return decision with { DroppedBy = step, Reason = reason };
        var sorted = components.OrderByDescending(component => _components.VoxelCounts[component]).ThenBy(component => component).ToList();
        var kept = sorted.Take(_options.LargestComponents).ToList();
        decision = decision with
        {
            ComponentSizes = [.. sorted.Select(component => _components.VoxelCounts[component])],
            KeptVoxelCount = kept.Sum(component => _components.VoxelCounts[component]),
        };
        return _options.IsSymmetric(name) ? Split(decision, kept) : Whole(decision, kept);
    }

    private (int Step, string Reason) Objection(MaskDecision mask) =>
        mask.IsAbsent ? (1, "empty")
        : mask.Volume < _options.MinimumVolume - Rounding ? (1, FormattableString.Invariant($"volume below {_options.MinimumVolume / 1000:0.######} cm3"))
        : Math.Min(mask.Sides.X, Math.Min(mask.Sides.Y, mask.Sides.Z)) < _options.MinimumSide - Rounding
            ? (1, FormattableString.Invariant($"a side below {_options.MinimumSide / 10:0.######} cm"))
        // A voxel in a thousand million is less than this.
        : mask.BackgroundFraction > _options.MaximumBackground + 1e-10
            ? (2, FormattableString.Invariant($"background above {_options.MaximumBackground * 100:0.######} %"))
        : default;

    private MaskDecision Whole(MaskDecision decision, List<int> kept)
    {
        foreach (int component in kept)
            _masks[component] = new CleanedMask(decision.Value, BodySide.Whole);
        return decision;
    }

    private MaskDecision Split(MaskDecision decision, List<int> kept)
    {
        var centroids = _components.Centroids();
        long left = 0;
        foreach (int component in kept)
        {
            bool isLeft = _options.SideRule == SideRule.ByVoxel || _geometry.ToWorld(centroids[component]).X <= Midline;
            _masks[component] = new CleanedMask(decision.Value, isLeft ? BodySide.Left : BodySide.Right);
            left += isLeft ? _components.VoxelCounts[component] : 0;
        }

        return decision with { Midline = Midline, LeftVoxelCount = left, RightVoxelCount = decision.KeptVoxelCount - left };
    }

    private void CountSides(List<MaskDecision> decisions)
    {
        for (var index = 0; index < decisions.Count; index++)
        {
            if (decisions[index].Midline is null)
                continue;
            int[] marked = MaskOf(decisions[index].Value);
            long left = 0;
            for (var i = 0; i < marked.Length; i++)
                left += marked[i] != 0 && IsLeft(i) ? 1 : 0;
            decisions[index] = decisions[index] with { LeftVoxelCount = left, RightVoxelCount = decisions[index].KeptVoxelCount - left };
        }
    }

    /// <summary>1 where a component of the label stays.</summary>
    private int[] MaskOf(int value)
    {
        var marked = new int[_geometry.Size.Count];
        _components.Paint([.. _masks.Select(mask => mask?.Value == value ? 1 : 0)], marked);
        return marked;
    }

    private bool IsLeft(int voxel)
    {
        int line = voxel / _geometry.Size.Z;
        return _geometry.ToWorld(new Double3(line / _geometry.Size.Y, line % _geometry.Size.Y, voxel % _geometry.Size.Z)).X <= Midline;
    }
}
