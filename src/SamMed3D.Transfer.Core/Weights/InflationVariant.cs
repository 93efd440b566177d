using System.Text.Json.Serialization;

namespace SamMed3D.Transfer;

/// <summary>How a 2D kernel fills the new axis of a 3D one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InflationVariant>))]
public enum InflationVariant
{
    /// <summary>
    /// Repeated, as SAM-Med3D's supplement (C.3) tells. The layer sees the sum over the new axis: of a volume that is constant along it the patch
    /// embedding, bias aside, is P times the image's (16 for SAM), and the position tables count for that much less.
    /// </summary>
    Replicate,

    /// <summary>
    /// Repeated and divided by the new extent (as Carreira and Zisserman 2017, arXiv 1705.07750, inflate): the layer sees the mean over the new
    /// axis. Of a volume that is constant along it the patch embedding is exactly the image's: the scale that the blocks were trained on is kept.
    /// </summary>
    ReplicateMean,

    /// <summary>
    /// In the middle, zeros elsewhere (Arnab et al. 2021, arXiv 2103.15691): the layer sees the middle slice alone. The embedding of a patch is exactly
    /// the image's of that slice, whatever the volume; training must find the other slices.
    /// </summary>
    Centre,
}
