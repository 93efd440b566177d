namespace SamMed3D.Transfer;

/// <summary>
/// A small random generator that is a pure function of its key, so that step 500 draws the same numbers whether or not step 499 was
/// ever asked for, on every machine and framework version. SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014. For one thread at a time.
/// </summary>
#pragma warning disable CA1711 // A stream of random numbers is what it is called in the literature.
public sealed class RandomStream
#pragma warning restore CA1711
{
    private const ulong Golden = 0x9e3779b97f4a7c15;
    private ulong _state;

    /// <summary>The stream of a key.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="step">A training step, or another count.</param>
    /// <param name="sample">A place in the batch, or another count.</param>
    public RandomStream(long seed, long step = 0, int sample = 0)
    {
        _state = Mix((ulong)seed + Golden);
        _state = Mix(_state + Golden) ^ Mix((ulong)step);
        _state = Mix(_state + Golden) ^ Mix((ulong)sample);
    }

    /// <summary>64 random bits.</summary>
    public ulong Next() => Mix(_state += Golden);

    /// <summary>A whole number from 0 to <paramref name="count"/> - 1; the bias of below count/2^64 is of no account.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + (high - low) * Uniform();

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>A generator of the framework, seeded by the next number.</summary>
    public Random ToRandom() => new((int)(Next() >> 33));

    /// <summary>Fisher-Yates.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int k = Below(i + 1);
            (items[i], items[k]) = (items[k], items[i]);
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
