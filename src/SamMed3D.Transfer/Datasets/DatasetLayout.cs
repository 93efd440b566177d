namespace SamMed3D.Transfer;

/// <summary>How a data set folder is laid out, told by the keys of its dataset.json.</summary>
public enum DatasetLayout
{
    /// <summary>nnU-Net v2: "channel_names", labels from name to value, one file a channel (<c>case_0000.nii.gz</c>), cases found on disk.</summary>
    NnUnet,

    /// <summary>Medical Segmentation Decathlon and nnU-Net v1: "modality", labels from value to name, a "training" list of image and label.</summary>
    Decathlon,
}
