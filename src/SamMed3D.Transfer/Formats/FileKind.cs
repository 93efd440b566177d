namespace SamMed3D.Transfer;

/// <summary>What a file is.</summary>
public enum FileKind
{
    /// <summary>Named tensors: PyTorch or safetensors.</summary>
    Checkpoint,

    /// <summary>An image or a label map: NIfTI, NRRD, MetaImage, DICOM.</summary>
    Volume,
}
