using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>An axis of a volume in canonical RAS+ order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VolumeAxis>))]
public enum VolumeAxis
{
    /// <summary>Left to right; SAM-Med3D's code calls it D.</summary>
    X,

    /// <summary>Back to front; SAM-Med3D's code calls it H.</summary>
    Y,

    /// <summary>Bottom to top, through the slices of an axial scan; SAM-Med3D's code calls it W.</summary>
    Z,
}
