using System.Globalization;
using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>How much of the labelled training cases a run may use: all of them, a number, or a fraction.</summary>
public sealed record LabelBudget
{
    /// <summary>All training cases of the fold.</summary>
    public static LabelBudget All { get; } = new();

    /// <summary>This many cases; null where it is a fraction or all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Cases { get; init; }

    /// <summary>This fraction of the cases, above 0 and below 1; null where it is a number or all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Fraction { get; init; }

    /// <summary>Whether it is all of them.</summary>
    [JsonIgnore]
    public bool IsAll => Cases is null && Fraction is null;

    /// <summary>A number of cases, at least 1.</summary>
    public static LabelBudget OfCases(int cases) => new LabelBudget { Cases = cases }.Validated();

    /// <summary>A fraction of the cases; 1 is all of them.</summary>
    public static LabelBudget OfFraction(double fraction) => fraction == 1 ? All : new LabelBudget { Fraction = fraction }.Validated();

    /// <summary>Returns itself when it makes sense.</summary>
    /// <exception cref="ArgumentException">It is not one number from 1, or one fraction between 0 and 1.</exception>
    public LabelBudget Validated() => (Cases, Fraction) switch
    {
        (null, null) or ( >= 1, null) or (null, > 0 and < 1) => this,
        _ => throw new ArgumentException($"A label budget of {Cases?.ToString(CultureInfo.InvariantCulture) ?? "no"} cases and "
            + string.Create(CultureInfo.InvariantCulture, $"fraction {Fraction}: expected a number of cases from 1, or a fraction between 0 and 1, or neither for all.")),
    };

    /// <summary>Such as "all", "8 cases" or "25 %".</summary>
    public override string ToString() => Cases is { } cases ? string.Create(CultureInfo.InvariantCulture, $"{cases} case{(cases == 1 ? "" : "s")}")
        : Fraction is { } fraction ? string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:0.##} %")
        : "all";
}
