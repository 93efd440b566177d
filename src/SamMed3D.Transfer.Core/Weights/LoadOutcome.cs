using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>What a load did to one parameter or buffer.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LoadOutcome>))]
public enum LoadOutcome
{
    /// <summary>Copied from the source.</summary>
    Loaded,

    /// <summary>A position table, interpolated from one of another size.</summary>
    Resized,

    /// <summary>The source has nothing for it; it keeps its initial values.</summary>
    Missing,

    /// <summary>The source's shape does not fit.</summary>
    Mismatched,

    /// <summary>It was not part of what was asked for; it keeps its initial values.</summary>
    NotAsked,
}
