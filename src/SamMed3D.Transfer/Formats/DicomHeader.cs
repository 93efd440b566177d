namespace SamMed3D.Transfer;

/// <summary>What a DICOM file says about itself, without its pixels.</summary>
internal sealed record DicomHeader
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Series Instance UID.</summary>
    public required string Series { get; init; }

    /// <summary>SOP Instance UID: of this very image.</summary>
    public required string Instance { get; init; }

    /// <summary>Such as CT.</summary>
    public required string Modality { get; init; }

    /// <summary>What the operator called the series.</summary>
    public required string Description { get; init; }

    /// <summary>Pixels along a column and along a row; 0 where the file holds no image.</summary>
    public required (int Rows, int Columns) Size { get; init; }

    /// <summary>Values of a pixel: 3 in colour images.</summary>
    public required int Samples { get; init; }

    /// <summary>Slice thickness in mm, used where there is only one slice; null where the file does not say.</summary>
    public required double? Thickness { get; init; }

    /// <summary>The slices in the file: one, or several in a multi-frame file.</summary>
    public required IReadOnlyList<DicomFrame> Frames { get; init; }
}
