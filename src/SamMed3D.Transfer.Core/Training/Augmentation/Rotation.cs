namespace SamMed3D.Transfer;

/// <summary>Turns a patch about its middle. Angles are true in the body: anisotropic spacing is taken into account.</summary>
public sealed record Rotation
{
    /// <summary>Share of the patches that are turned.</summary>
    public double Probability { get; init; } = 0.2;

    /// <summary>The largest angle about the axes X, Y and Z, in degrees, either way; each is drawn by itself.</summary>
    public Double3 Degrees { get; init; } = 30;

    /// <summary>These options, once they are known to make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public Rotation Validated()
    {
        ValueRange.RequireProbability(nameof(Probability), Probability);
        for (var axis = 0; axis < 3; axis++)
            if (!(Degrees[axis] is >= 0 and <= 180))
                throw new ArgumentException($"Degrees is {Degrees}; expected 0 to 180 for each axis.");
        return this;
    }

    /// <summary>The matrix, row by row, that takes mm from the middle of the patch to mm in the image.</summary>
    internal double[] Draw(RandomStream random)
    {
        Span<double> sine = stackalloc double[3], cosine = stackalloc double[3];
        for (var axis = 0; axis < 3; axis++)
            (sine[axis], cosine[axis]) = Math.SinCos(random.Uniform(-1, 1) * Degrees[axis] * Math.PI / 180);
        double[] x = [1, 0, 0, 0, cosine[0], -sine[0], 0, sine[0], cosine[0]];
        double[] y = [cosine[1], 0, sine[1], 0, 1, 0, -sine[1], 0, cosine[1]];
        double[] z = [cosine[2], -sine[2], 0, sine[2], cosine[2], 0, 0, 0, 1];
        return Product(z, Product(y, x));
    }

    private static double[] Product(double[] a, double[] b) =>
        [.. Enumerable.Range(0, 9).Select(i => a[i / 3 * 3] * b[i % 3] + a[i / 3 * 3 + 1] * b[3 + i % 3] + a[i / 3 * 3 + 2] * b[6 + i % 3])];
}
