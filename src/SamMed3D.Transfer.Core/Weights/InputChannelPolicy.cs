using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>What a load does when the source's input layer takes another number of channels than the module's, one of the two being 1.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InputChannelPolicy>))]
public enum InputChannelPolicy
{
    /// <summary>The load is refused.</summary>
    Refuse,

    /// <summary>
    /// Every channel gets the source's kernel divided by the number of channels: the layer sees the mean of the channels, so its output keeps its
    /// scale. From several channels to one, their kernels are added.
    /// </summary>
    MeanPreserving,

    /// <summary>
    /// Every channel gets the source's kernel as it is: the layer sees the sum of the channels. From several channels to one, their kernels are averaged.
    /// </summary>
    Replicate,
}
