namespace SamMed3D.Transfer;

/// <summary>
/// What the values of a data set's label maps mean: classes that exclude each other (value 1 is class 1, and so on), or regions that may
/// overlap, as in nnU-Net: a network then has a sigmoid channel for each region and none for the background. A value may be set aside for voxels of
/// which nothing is known.
/// </summary>
public sealed record LabelScheme
{
    /// <summary>What an ignored voxel holds once its file is read, whatever the value in the file: no loss, no gradient, no score comes of it.</summary>
    public const int Ignored = -1;

    /// <summary>The structures. Without <see cref="RegionClassOrder"/> they are the classes 1, 2, 3 … with one value each.</summary>
    public required IReadOnlyList<LabelRegion> Structures { get; init; }

    /// <summary>
    /// The value that each region leaves in a label map, painted in this order, so that later regions lie over earlier ones (nnU-Net's
    /// <c>regions_class_order</c>); null for classes that exclude each other.
    /// </summary>
    public IReadOnlyList<int>? RegionClassOrder { get; init; }

    /// <summary>The value in the files that says "unknown"; null for none.</summary>
    public int? IgnoreValue { get; init; }

    /// <summary>Whether structures may overlap.</summary>
    public bool HasRegions => RegionClassOrder is not null;

    /// <summary>Channels that a network for this scheme has: one a region, or one a class and one for the background.</summary>
    public int ChannelCount => HasRegions ? Structures.Count : Structures.Count + 1;

    /// <summary>1 + the highest value that belongs to a structure.</summary>
    public int ValueCount => 1 + Structures.SelectMany(structure => structure.Values).DefaultIfEmpty(0).Max();

    /// <summary>The names of the structures.</summary>
    public IReadOnlyList<string> Names => [.. Structures.Select(structure => structure.Name)];

    /// <summary>The values that label maps may hold, ascending: 0, those of the structures, and <see cref="IgnoreValue"/>.</summary>
    public IReadOnlyList<int> FileValues =>
        [.. Structures.SelectMany(structure => structure.Values).Append(0).Concat(IgnoreValue is { } ignored ? [ignored] : []).Distinct().Order()];

    /// <summary>Classes that exclude each other.</summary>
    /// <param name="foregroundNames">Names of the classes 1, 2, 3 ….</param>
    /// <param name="ignoreValue">The value that says "unknown"; null for none.</param>
    public static LabelScheme Classes(IReadOnlyList<string> foregroundNames, int? ignoreValue = null)
    {
        ArgumentNullException.ThrowIfNull(foregroundNames);
        return new LabelScheme
        {
            Structures = [.. foregroundNames.Select((name, index) => new LabelRegion { Name = name, Values = [index + 1] })],
            IgnoreValue = ignoreValue,
        };
    }

    /// <summary>Classes that have numbers for names.</summary>
    /// <param name="classCount">Classes, background included: 2 or more.</param>
    public static LabelScheme Numbered(int classCount) =>
        Classes([.. Enumerable.Range(1, Math.Max(1, classCount - 1)).Select(label => $"{label}")]);

    /// <summary>The most probable label of each voxel.</summary>
    /// <param name="logits">[K, X, Y, Z], K being <see cref="ChannelCount"/>.</param>
    /// <returns>[X, Y, Z], int32, on the logits' device; the caller owns it.</returns>
    /// <exception cref="ArgumentException">There is another number of channels.</exception>
    public Tensor LabelsOf(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        if (logits.ndim != 4 || logits.shape[0] != ChannelCount)
            throw new ArgumentException($"Expected logits [{ChannelCount}, X, Y, Z], got [{string.Join(", ", logits.shape)}].", nameof(logits));
        using var scope = NewDisposeScope();
        if (!HasRegions)
            return Largest(logits).MoveToOuterDisposeScope();
        var labels = zeros(logits.shape[1..], ScalarType.Int32, logits.device);
        for (var region = 0; region < Structures.Count; region++)
            labels.masked_fill_(logits[region] > 0, RegionClassOrder![region]);
        return labels.MoveToOuterDisposeScope();
    }

    /// <summary>The channel of the largest value, the lowest one on a tie.</summary>
    /// <param name="values">[K, ...].</param>
    /// <returns>[...], int32, on the values' device; the caller owns it.</returns>
    internal static Tensor Largest(Tensor values)
    {
        using var scope = NewDisposeScope();
        // argmax over the first axis is four times slower on a CPU, and gives the same.
        return values.max(0).indexes.to(ScalarType.Int32).MoveToOuterDisposeScope();
    }

    /// <summary>Which voxels belong to a structure.</summary>
    /// <param name="labels">Any shape, integers.</param>
    /// <param name="structure">Index in <see cref="Structures"/>.</param>
    /// <returns>The same shape, bool; the caller owns it.</returns>
    public Tensor Membership(Tensor labels, int structure)
    {
        ArgumentNullException.ThrowIfNull(labels);
        using var scope = NewDisposeScope();
        var values = Structures[structure].Values;
        var member = labels == values[0];
        foreach (int value in values.Skip(1))
            member = member.logical_or(labels == value);
        return member.MoveToOuterDisposeScope();
    }

    /// <summary>This scheme, when it makes sense.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public LabelScheme Validated()
    {
        if (Structures.Count == 0)
            throw new ArgumentException("Structures is empty; give one or more beside the background.", nameof(Structures));
        foreach (var structure in Structures)
            if (structure.Values.Count == 0 || structure.Values.Any(value => value < 1))
                throw new ArgumentException(
                    $"Structure '{structure.Name}' has the values [{string.Join(", ", structure.Values)}]; expected one or more, all above 0.", nameof(Structures));
        if (IgnoreValue is { } ignored && (ignored == 0 || Structures.Any(structure => structure.Values.Contains(ignored))))
            throw new ArgumentException($"IgnoreValue {ignored} is also that of the background or of a structure.", nameof(IgnoreValue));
        if (RegionClassOrder is null)
            return Structures.Select((structure, index) => structure.Values is [var only] && only == index + 1).All(fits => fits) ? this
                : throw new ArgumentException("Without RegionClassOrder expected the structures to have the values 1, 2, 3 …, one each.", nameof(Structures));
        if (RegionClassOrder.Count != Structures.Count)
            throw new ArgumentException(
                $"RegionClassOrder has {RegionClassOrder.Count} values for {Structures.Count} regions; give one for each.", nameof(RegionClassOrder));
        for (var region = 0; region < Structures.Count; region++)
            if (!Structures[region].Values.Contains(RegionClassOrder[region]))
                throw new ArgumentException(
                    $"RegionClassOrder gives region '{Structures[region].Name}' the value {RegionClassOrder[region]}, which is none of its own "
                    + $"[{string.Join(", ", Structures[region].Values)}].", nameof(RegionClassOrder));
        return this;
    }

    /// <summary>Whether all values mean the same.</summary>
    public bool Equals(LabelScheme? other) => other is not null && Structures.SequenceEqual(other.Structures) && IgnoreValue == other.IgnoreValue
        && (RegionClassOrder ?? []).SequenceEqual(other.RegionClassOrder ?? []) && HasRegions == other.HasRegions;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Structures.Count, IgnoreValue, HasRegions);
}
