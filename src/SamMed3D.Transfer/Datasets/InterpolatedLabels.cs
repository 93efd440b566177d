namespace SamMed3D.Transfer;

/// <summary>
/// Where the grid of the file is another: probabilities are interpolated linearly, and the largest wins. The labels are those of
/// <see cref="GridResampler.ClassesOnGrid"/> on the whole volume, but only the planes are held that the next plane of the file lies between.
/// </summary>
internal sealed class InterpolatedLabels : RestoredLabels
{
    private const float Half = 0.5f;

    private readonly Size3 _from, _to;
    private readonly GridLookup _lookup;
    private readonly int _axis; // Of the file, along X of what the network sees.
    private readonly bool _isRising;
    private readonly int[] _labels;
    private Tensor _probabilities; // [K, planes, Y, Z]
    private Tensor _winners; // [planes, Y, Z]: the class of each voxel, or its last region above one half, or -1.
    private int _first, _count; // The planes held.
    private int _needed; // The first plane that is still needed.
    private int _painted; // Planes of the file that are done.

    public InterpolatedLabels(Geometry image, Geometry source, LabelScheme? scheme, long channels)
        : base(source, scheme, channels)
    {
        (_from, _to) = (image.Size, source.Size);
        _lookup = new GridLookup(image, source);
        (_axis, _isRising) = _lookup.AlongX();
        _labels = new int[source.Size.Count / source.Size[_axis]];
        _probabilities = empty([Channels, 0, image.Size.Y, image.Size.Z]).DetachFromDisposeScope();
        _winners = empty([0, image.Size.Y, image.Size.Z], ScalarType.Int32).DetachFromDisposeScope();
    }

    private protected override void Free()
    {
        _probabilities.Dispose();
        _winners.Dispose();
    }

    private protected override void Take(Tensor logits)
    {
        var values = logits.to(ScalarType.Float32, CPU);
        var probabilities = (RegionValues is null ? values.softmax(0) : values.sigmoid()).contiguous();
        // What the next plane of the file does not need is left behind.
        int gone = Math.Clamp(_needed - _first, 0, _count);
        Replace(ref _probabilities, cat([_probabilities.narrow(1, gone, _count - gone), probabilities], 1));
        Replace(ref _winners, cat([_winners.narrow(0, gone, _count - gone), Winners(probabilities)]));
        _first += gone;
        _count += (int)logits.shape[1] - gone;
        _needed = _first + _count;
        for (; _painted < _to[_axis]; _painted++)
        {
            int plane = _isRising ? _painted : _to[_axis] - 1 - _painted;
            var (first, last) = _lookup.PlanesAround(_axis, plane, _to);
            if (first > last)
                continue;
            _needed = first;
            if (last >= _first + _count)
                return;
            Paint(plane);
        }
    }

    private static void Replace(ref Tensor held, Tensor values)
    {
        held.Dispose();
        held = values.DetachFromDisposeScope();
    }

    /// <summary>For each voxel the class of the largest probability, the lowest one on a tie; of regions the last above one half, or -1.</summary>
    private Tensor Winners(Tensor probabilities)
    {
        if (RegionValues is null)
            return LabelScheme.Largest(probabilities);
        var winners = full(probabilities.shape[1..], -1, ScalarType.Int32);
        for (int region = 0; region < Channels; region++)
            winners.masked_fill_(probabilities[region] > Half, region);
        return winners;
    }

    /// <summary>
    /// One plane of the file. Where all eight voxels around a place have one winner, it wins between them too: weights are not negative, and rounding keeps
    /// order. That is most places, and it spares looking at all channels.
    /// </summary>
    private void Paint(int plane)
    {
        using var scope = NewDisposeScope();
        int row = _axis == 0 ? 1 : 0, column = _axis == 2 ? 1 : 2, length = _to[column];
        long channelLength = (long)_count * _from.Y * _from.Z;
        var places = new LinearPlace?[length];
        var best = new double[length];
        ReadOnlySpan<int> winners = VoxelMemory.Of<int>(_winners, 0, channelLength);
        Span<int> at = stackalloc int[3];
        at[_axis] = plane;
        for (at[row] = 0; at[row] < _to[row]; at[row]++)
        {
            var line = _labels.AsSpan(at[row] * length, length);
            line.Clear();
            bool isMixed = false;
            for (at[column] = 0; at[column] < length; at[column]++)
            {
                int index = at[column];
                places[index] = null;
                if (_lookup.Linear(at[0], at[1], at[2]) is not { } found)
                    continue;
                var place = found with { Start = found.Start - _first * _from.Y * _from.Z };
                if (place.IsUniform(winners))
                {
                    line[index] = LabelOf(winners[place.Start]);
                    continue;
                }

                places[index] = place;
                isMixed = true;
            }

            if (!isMixed)
                continue;
            Array.Fill(best, double.NegativeInfinity);
            for (int channel = 0; channel < Channels; channel++)
                Blend(VoxelMemory.Of<float>(_probabilities, channel * channelLength, channelLength), channel, places, best, line);
        }

        long[] shape = [_to.X, _to.Y, _to.Z];
        shape[_axis] = 1;
        Store(tensor(_labels).view(shape), _axis, plane);
    }

    private void Blend(ReadOnlySpan<float> values, int channel, LinearPlace?[] places, double[] best, Span<int> line)
    {
        for (int index = 0; index < places.Length; index++)
        {
            if (places[index] is not { } place)
                continue;
            double value = place.Blend(values);
            if (RegionValues is not null)
                line[index] = (float)value > Half ? LabelOf(channel) : line[index];
            else if (value > best[index])
                (best[index], line[index]) = (value, channel);
        }
    }

    private int LabelOf(int winner) => RegionValues is null ? winner : winner < 0 ? 0 : RegionValues[winner];
}
