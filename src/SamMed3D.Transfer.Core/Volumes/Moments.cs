namespace SamMed3D.Transfer;

/// <summary>Mean and spread of a set of values, in two passes and double precision.</summary>
internal readonly record struct Moments(long Count, double Mean, double SquaredDeviations)
{
    /// <summary>Divided by N.</summary>
    public double StandardDeviation => Math.Sqrt(SquaredDeviations / Count);

    /// <summary>Divided by N - 1.</summary>
    public double UnbiasedDeviation => Math.Sqrt(SquaredDeviations / (Count - 1));

    public static Moments Of(ReadOnlySpan<float> values) => Of(values, [], overPositive: false);

    /// <summary>Of the values above 0.</summary>
    public static Moments OfPositive(ReadOnlySpan<float> values) => Of(values, [], overPositive: true);

    /// <summary>Of the values where the mask is not 0.</summary>
    public static Moments OfMasked(ReadOnlySpan<float> values, ReadOnlySpan<int> mask) => Of(values, mask, overPositive: false);

    private static Moments Of(ReadOnlySpan<float> values, ReadOnlySpan<int> mask, bool overPositive)
    {
        double sum = 0, squares = 0;
        long count = 0;
        for (int index = 0; index < values.Length; index++)
            if ((!overPositive || values[index] > 0) && (mask.IsEmpty || mask[index] != 0))
            {
                sum += values[index];
                count++;
            }
        double mean = count == 0 ? 0 : sum / count;
        for (int index = 0; index < values.Length; index++)
            if ((!overPositive || values[index] > 0) && (mask.IsEmpty || mask[index] != 0))
                squares += (values[index] - mean) * (values[index] - mean);
        return new(count, mean, squares);
    }
}
