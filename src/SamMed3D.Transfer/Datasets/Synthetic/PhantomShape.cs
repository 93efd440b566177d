using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>
/// Soft solids for phantoms, in mm. A shape is a function that is negative inside, positive outside and close to the distance to
/// the surface near it, so that a voxel on the surface can be blended.
/// </summary>
internal static class PhantomShape
{
    /// <param name="point">Relative to the centre.</param>
    /// <param name="radii">Half axes.</param>
    public static float Ellipsoid(Vector3 point, Vector3 radii)
    {
        Vector3 scaled = point / radii, gradient = scaled / radii;
        float length = scaled.Length(), slope = gradient.Length();
        // First-order distance; at the centre, where the slope vanishes, the smallest radius.
        return slope < 1e-6f ? -MathF.Min(radii.X, MathF.Min(radii.Y, radii.Z)) : length * (length - 1) / slope;
    }

    /// <summary>An elliptic cylinder along z.</summary>
    public static float Column(Vector3 point, float radiusX, float radiusY) =>
        Ellipsoid(point with { Z = 0 }, new Vector3(radiusX, radiusY, 1e4f));

    /// <summary>A torso's cross section: |x/a|^2.5 + |y/b|^2.5 = 1.</summary>
    public static float Torso(Vector3 point, float halfWidth, float halfDepth)
    {
        float x = MathF.Abs(point.X) / halfWidth, y = MathF.Abs(point.Y) / halfDepth;
        return (MathF.Pow(MathF.Pow(x, 2.5f) + MathF.Pow(y, 2.5f), 0.4f) - 1) * MathF.Min(halfWidth, halfDepth);
    }

    /// <summary>Union with a rounded seam.</summary>
    public static float Join(float one, float other, float rounding)
    {
        float overlap = MathF.Max(rounding - MathF.Abs(one - other), 0) / rounding;
        return MathF.Min(one, other) - overlap * overlap * rounding / 4;
    }

    public static float Intersect(float one, float other) => MathF.Max(one, other);

    public static float Subtract(float from, float other) => MathF.Max(from, -other);

    public static Vector3 TurnAboutZ(Vector3 point, float radians)
    {
        (float sin, float cos) = MathF.SinCos(radians);
        return new Vector3(cos * point.X + sin * point.Y, cos * point.Y - sin * point.X, point.Z);
    }

    public static Vector3 TurnAboutY(Vector3 point, float radians)
    {
        (float sin, float cos) = MathF.SinCos(radians);
        return new Vector3(cos * point.X + sin * point.Z, point.Y, cos * point.Z - sin * point.X);
    }
}
