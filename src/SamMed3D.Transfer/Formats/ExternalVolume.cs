namespace SamMed3D.Transfer;

/// <summary>A file that only an <see cref="IVolumeReader"/> knows. Its voxels are read when anything is asked of it.</summary>
internal sealed class ExternalVolume(string path, IVolumeReader reader) : VolumeSource(path)
{
    private (Geometry Geometry, int Channels)? _grid;

    public override string Format => $"read by {reader.Name}";

    public override Geometry Geometry => Grid().Geometry;

    public override int Channels => Grid().Channels;

    public override Volume ReadVolume(long limitBytes = long.MaxValue)
    {
        Volume volume = reader.Read([Path], limitBytes);
        _grid = (volume.Geometry, volume.Channels);
        return volume;
    }

    /// <summary>Takes float32 values as classes.</summary>
    public static void ToClasses(string path, ReadOnlySpan<float> values, Span<int> classes)
    {
        var block = new double[Math.Min(values.Length, 1 << 15)];
        for (int start = 0; start < values.Length; start += block.Length)
        {
            Span<double> part = block.AsSpan(0, Math.Min(block.Length, values.Length - start));
            for (int index = 0; index < part.Length; index++)
                part[index] = values[start + index];
            ToClasses(path, part, classes.Slice(start, part.Length));
        }
    }

    private protected override void ReadInto(Volume volume, int firstChannel)
    {
        using Volume read = ReadVolume();
        for (int channel = 0; channel < read.Channels; channel++)
            read.Voxels(channel).CopyTo(volume.Voxels(firstChannel + channel));
    }

    private protected override void ReadInto(LabelVolume labels)
    {
        using Volume read = ReadVolume();
        ToClasses(Path, read.Voxels(), labels.Voxels());
    }

    private (Geometry Geometry, int Channels) Grid()
    {
        if (_grid is null)
            ReadVolume().Dispose();
        return _grid!.Value;
    }
}
