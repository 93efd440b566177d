using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>What a load did to one parameter or buffer.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LoadOutcome>))]
public enum LoadOutcome
{
    /// <summary>Copied from a tensor of the same shape.</summary>
    Loaded,

    /// <summary>Computed from a tensor of another shape: a position table of another grid, or an input layer of another number of channels.</summary>
    Resized,

    /// <summary>Computed from a tensor of a 2D encoder (<see cref="WeightInflation"/>): a kernel or table with a new axis, or a table for another axis.</summary>
    Inflated,

    /// <summary>It keeps its initial values, as the policy allows or because it was not asked for.</summary>
    Initialised,

    /// <summary>The source has nothing for it, or what does not fit, and the policy does not allow that: nothing is loaded at all.</summary>
    Refused,
}
