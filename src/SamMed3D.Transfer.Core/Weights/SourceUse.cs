using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>What became of one tensor of the source of a load.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SourceUse>))]
public enum SourceUse
{
    /// <summary>It filled a parameter or buffer.</summary>
    Used,

    /// <summary>It belongs to a part that was not asked for, such as a mask decoder.</summary>
    Ignored,

    /// <summary>Nothing in the module bears its name.</summary>
    Unexpected,

    /// <summary>It does not fit the parameter of its name.</summary>
    Refused,
}
