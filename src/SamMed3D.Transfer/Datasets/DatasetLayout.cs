namespace SamMed3D.Transfer;

/// <summary>How a data set is laid out, told by what is there and by the keys of its dataset.json.</summary>
public enum DatasetLayout
{
    /// <summary>
    /// nnU-Net v2: "channel_names", labels from name to value, one file a channel (<c>case_0000.nii.gz</c>), cases found on disk or listed under
    /// "dataset".
    /// </summary>
    NnUnet,

    /// <summary>Medical Segmentation Decathlon and nnU-Net v1: "modality", labels from value to name, a "training" list of image and label.</summary>
    Decathlon,

    /// <summary>
    /// SAM-Med3D's: <c>ORGAN/DATASET/imagesTr</c> and <c>labelsTr</c> (also <c>Ts</c> and <c>Val</c>) with files of the same names; each label map
    /// holds one structure, as 1.
    /// </summary>
    SamMed3D,

    /// <summary>A list of cases: CSV with the columns id, image (or image_0, image_1 …), label, subject and split, or JSON with the same keys.</summary>
    List,
}
