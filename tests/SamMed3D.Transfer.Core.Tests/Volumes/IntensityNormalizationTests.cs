namespace SamMed3D.Transfer.Tests;

public sealed class IntensityNormalizationTests
{
    [Fact]
    public void Channels_are_normalised_by_themselves()
    {
        using Volume volume = Of([2], 0f, 1f, 2f, 3f, 0f, 10f, 20f, 30f);
        using Volume normalised = IntensityNormalization.ZScoreOverPositive(volume);
        float[] expected = [-2, -1, 0, 1];
        Assert.Equal(expected, normalised.Voxels(0).ToArray());
        Assert.Equal(expected, normalised.Voxels(1).ToArray());
        Assert.Equal(3, volume.Voxels(0)[3]);
    }

    [Fact]
    public void An_image_without_positive_values_is_refused()
    {
        using Volume empty = Of([1], 0f, -1f, 0f, 0f), constant = Of([1], 0f, 5f, 5f, 5f);
        Assert.StartsWith("Expected voxels above 0 to normalise by, got none",
            Assert.Throws<ArgumentException>(() => IntensityNormalization.ZScoreOverPositive(empty)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Expected different values above 0 to normalise by, got 3 equal ones",
            Assert.Throws<ArgumentException>(() => IntensityNormalization.ZScoreOverPositive(constant)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_fit_all_channels_or_each()
    {
        using Volume volume = Of([2], 0f, 1f, 2f, 3f, 0f, 10f, 20f, 30f);
        IntensityStatistics statistics = IntensityStatistics.Of([1f, 2f, 3f]);
        IntensityNormalization.ClipAndZScore(volume, statistics).Dispose();
        IntensityNormalization.ClipAndZScore(volume, statistics, statistics).Dispose();
        Assert.Contains("Expected statistics for 2 channels, got 3", Assert.Throws<ArgumentException>(() =>
            IntensityNormalization.ClipAndZScore(volume, statistics, statistics, statistics)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => IntensityStatistics.Of([]));
    }

    [Fact]
    public void An_empty_mask_and_a_mask_of_another_grid_are_refused()
    {
        using Volume volume = Of([1], 0f, 1f, 2f, 3f);
        using var nothing = new LabelVolume(zeros([4, 1, 1], ScalarType.Int32), volume.Geometry);
        using var other = new LabelVolume(ones([4, 1, 1], ScalarType.Int32), Geometry.Create(new(4, 1, 1), 2));
        Assert.Contains("empty", Assert.Throws<ArgumentException>(() => IntensityNormalization.ZScore(volume, nothing)).Message, StringComparison.Ordinal);
        Assert.Contains("2x2x2 mm", Assert.Throws<ArgumentException>(() => IntensityNormalization.ZScore(volume, other)).Message, StringComparison.Ordinal);
    }

    private static Volume Of(long[] channels, params float[] values)
    {
        int length = values.Length / (int)channels[0];
        using Tensor flat = tensor(values);
        return new Volume(flat.reshape(channels[0], length, 1, 1).clone(), Geometry.Create(new(length, 1, 1), 1));
    }
}
