using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>How a parity check runs.</summary>
public sealed record ParityOptions
{
    /// <summary>Where the models run.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Type of parameters and inputs. The stored tolerances hold for float32; other types report against them as well.</summary>
    public ScalarType Precision { get; init; } = ScalarType.Float32;
}

/// <summary>One number of a golden case beside its tolerance.</summary>
/// <param name="Quantity">The tensor or value compared.</param>
/// <param name="Error">Largest absolute difference; infinite when shapes differ, a result is missing or a call failed.</param>
/// <param name="Tolerance">The largest difference that passes.</param>
/// <param name="Note">Why it failed or was left out, where a number does not tell; else null.</param>
/// <param name="IsSkipped">Whether nothing was compared, because an input that lies elsewhere is not there.</param>
public sealed record ParityQuantity(string Quantity, double Error, double Tolerance, string? Note = null, bool IsSkipped = false)
{
    /// <summary>Whether the difference stays within the tolerance; NaN never does.</summary>
    public bool Passed => !IsSkipped && Error <= Tolerance;

    /// <summary>Nothing was compared.</summary>
    /// <param name="quantity">What would have been.</param>
    /// <param name="note">Why not.</param>
    public static ParityQuantity Skipped(string quantity, string note) => new(quantity, double.NaN, 0, note, IsSkipped: true);
}

/// <summary>Recomputes one kind of golden case. A case is a folder with a config.json (or expected.json) and data files.</summary>
public abstract class ParityCheck
{
    /// <summary>Whether this check knows the case in the folder.</summary>
    /// <param name="folder">A folder that holds a config.json or expected.json.</param>
    /// <param name="description">The root of that file.</param>
    public abstract bool Recognises(string folder, JsonElement description);

    /// <summary>Recomputes the case. What cannot be computed is a failed quantity with a note, not an exception.</summary>
    public abstract IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options);
}
