namespace SamMed3D.Transfer;

/// <summary>What is wrong with a data set.</summary>
public enum DatasetProblemKind
{
    /// <summary>What describes the data set (dataset.json, a list, a row of it) cannot be used.</summary>
    BrokenDescription,

    /// <summary>A list has columns or keys that mean nothing here.</summary>
    UnusedKey,

    /// <summary>A file that belongs to a case is not there.</summary>
    MissingFile,

    /// <summary>A file is not named as the layout wants it.</summary>
    MisnamedFile,

    /// <summary>A file in the folders belongs to no case.</summary>
    ExtraFile,

    /// <summary>There are more or fewer cases than the description says, or none.</summary>
    CaseCount,

    /// <summary>Two cases have one id.</summary>
    RepeatedId,

    /// <summary>splits_final.json does not fit the cases.</summary>
    BrokenSplit,

    /// <summary>One subject is in training and test, or on both sides of a fold.</summary>
    SharedSubject,

    /// <summary>A file cannot be read to its end.</summary>
    DamagedFile,

    /// <summary>A file goes on behind its last voxel: its header may be wrong.</summary>
    SurplusData,

    /// <summary>An image has another number of channels.</summary>
    ChannelCount,

    /// <summary>The files of a case lie on different grids.</summary>
    GridMismatch,

    /// <summary>A header says in two ways, which differ, where its voxels are; or it does not say which way its axes run.</summary>
    DoubtfulPlacement,

    /// <summary>An image has NaN or infinite intensities.</summary>
    NotFinite,

    /// <summary>All voxels of a channel are equal.</summary>
    ConstantImage,

    /// <summary>A label map has values that are no whole numbers.</summary>
    NotWholeLabels,

    /// <summary>A label map has values that the data set does not know.</summary>
    UnexpectedLabels,

    /// <summary>A label map has nothing but background.</summary>
    EmptyLabels,

    /// <summary>A class or region occurs in no training case.</summary>
    AbsentClass,

    /// <summary>Two images hold the same voxels.</summary>
    DuplicatedImage,

    /// <summary>Two different images have the same label map.</summary>
    DuplicatedLabels,

    /// <summary>A voxel order unlike that of most cases.</summary>
    OrientationOutlier,

    /// <summary>A spacing unlike that of most cases.</summary>
    SpacingOutlier,

    /// <summary>Intensities unlike those of most cases.</summary>
    IntensityOutlier,
}
