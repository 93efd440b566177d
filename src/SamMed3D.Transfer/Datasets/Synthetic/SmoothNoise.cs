using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>A smooth random field over space: a sum of a few sine waves, of mean 0 and standard deviation 1.</summary>
internal sealed class SmoothNoise
{
    private const int WaveCount = 8;
    private readonly Vector3[] _waves = new Vector3[WaveCount];
    private readonly float[] _phases = new float[WaveCount];

    /// <param name="random">Where the waves come from.</param>
    /// <param name="wavelength">Typical wavelength in mm.</param>
    public SmoothNoise(ref RandomStream random, float wavelength)
    {
        for (var wave = 0; wave < WaveCount; wave++)
        {
            var direction = new Vector3((float)random.Normal(), (float)random.Normal(), (float)random.Normal());
            _waves[wave] = Vector3.Normalize(direction) * (2 * MathF.PI / (wavelength * (float)random.Uniform(0.7, 1.4)));
            _phases[wave] = (float)random.Uniform(0, 2 * Math.PI);
        }
    }

    public float At(Vector3 point)
    {
        float sum = 0;
        for (var wave = 0; wave < WaveCount; wave++)
            sum += MathF.Sin(Vector3.Dot(_waves[wave], point) + _phases[wave]);
        return sum * MathF.Sqrt(2f / WaveCount);
    }
}
