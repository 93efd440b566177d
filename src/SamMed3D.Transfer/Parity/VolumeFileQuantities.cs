using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>What the parity checks of file formats have in common.</summary>
internal static class VolumeFileQuantities
{
    public const double ValueTolerance = 1e-6;
    private const double AffineTolerance = 1e-5;

    /// <summary>A header that asks for more must be refused before this many bytes of managed memory are taken.</summary>
    private const long SmallMemory = 16 << 20;

    /// <summary>Runs a part of a check; an exception is its result.</summary>
    public static IReadOnlyList<ParityQuantity> Attempt(string name, Func<IReadOnlyList<ParityQuantity>> check)
    {
        try
        {
            return check();
        }
#pragma warning disable CA1031 // Whatever went wrong is the result of the check.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            return [new(name, double.PositiveInfinity, 0, $"{problem.GetType().Name}: {problem.Message}")];
        }
    }

    /// <summary>Largest difference of the affines; offsets near 0 count against the smallest spacing.</summary>
    public static ParityQuantity Affine(string name, Geometry geometry, JsonElement expected)
    {
        double error = 0, least = Enumerable.Range(0, 3).Min(axis => geometry.Spacing[axis]);
        for (int row = 0; row < 4; row++)
            for (int column = 0; column < 4; column++)
            {
                double element = expected[row][column].GetDouble();
                error = Math.Max(error, Math.Abs(geometry.Affine[row, column] - element) / Math.Max(Math.Abs(element), least));
            }
        return new($"{name} affine", error, AffineTolerance);
    }

    /// <summary>Whether a broken file is refused as it should be, and how much memory that took.</summary>
    public static List<ParityQuantity> Refuse(string path, string name, JsonElement expected, Func<string, VolumeSource> open)
    {
        string expect = Text(expected, "expect");
        bool mayRead = expect == "ok_without_inflating_all" || expected.TryGetProperty("expect_alternative", out _);
        long limit = expected.TryGetProperty("limit_bytes", out JsonElement bytes) ? bytes.GetInt64() : long.MaxValue;
        List<ParityQuantity> quantities = [];
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using Volume volume = open(path).ReadVolume(limit);
            quantities.Add(mayRead ? new(name, 0, 0) : new(name, double.PositiveInfinity, 0, $"was read, but {Text(expected, "reason")}"));
        }
        catch (InvalidDataException error)
        {
            bool names = error.Message.Contains(Path.GetFileName(path), StringComparison.Ordinal);
            bool says = expected.TryGetProperty("message_has_any_of", out JsonElement words)
                && words.EnumerateArray().Any(word => error.Message.Contains(word.GetString()!, StringComparison.OrdinalIgnoreCase));
            bool isRight = names && says && expect != "ok_without_inflating_all";
            quantities.Add(new(name, isRight ? 0 : double.PositiveInfinity, 0, isRight ? null : $"the message is wrong: {error.Message}"));
        }
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        quantities.Add(new($"{name} memory", taken, SmallMemory, taken > SmallMemory ? $"took {taken} bytes" : null));
        return quantities;
    }

    public static double Relative(double actual, double expected) =>
        actual.Equals(expected) ? 0 : Math.Abs(actual - expected) / Math.Max(Math.Abs(expected), 1e-12);

    public static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static double Number(JsonElement element, string name) => element.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
        var text => text.GetString() switch
        {
            "nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            var other => throw new InvalidDataException($"expected a number for {name}, got {other}"),
        },
    };
}
