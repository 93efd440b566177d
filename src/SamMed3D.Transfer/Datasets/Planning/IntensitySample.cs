namespace SamMed3D.Transfer;

/// <summary>Intensities of which all count for the mean, and a seeded sample for percentiles.</summary>
internal sealed class IntensitySample(int capacity, RandomStream random)
{
    private readonly List<float> _kept = [];
    private RandomStream _random = random;
    private double _mean, _squares;
    private float _least = float.PositiveInfinity, _most = float.NegativeInfinity;

    public long Count { get; private set; }

    public void Add(float value)
    {
        Count++;
        double off = value - _mean;
        _mean += off / Count;
        _squares += off * (value - _mean);
        (_least, _most) = (Math.Min(_least, value), Math.Max(_most, value));
        if (_kept.Count < capacity)
            _kept.Add(value);
        else if ((long)(_random.Uniform() * Count) is var slot && slot < capacity)
            _kept[(int)slot] = value;
    }

    public IntensityStatistics Statistics() => IntensityStatistics.Of(_kept) with
    {
        Count = Count, Mean = _mean, StandardDeviation = Math.Sqrt(_squares / Count), Minimum = _least, Maximum = _most,
    };
}
