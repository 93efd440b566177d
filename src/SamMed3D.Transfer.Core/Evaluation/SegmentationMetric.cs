namespace SamMed3D.Transfer;

/// <summary>A number that tells how well a prediction agrees with its truth.</summary>
public enum SegmentationMetric
{
    /// <summary>2 TP / (2 TP + FP + FN), from 0 to 1.</summary>
    Dice,

    /// <summary>Intersection over union: TP / (TP + FP + FN), from 0 to 1.</summary>
    IntersectionOverUnion,

    /// <summary>TP / (TP + FN), from 0 to 1; undefined without true voxels.</summary>
    Sensitivity,

    /// <summary>TP / (TP + FP), from 0 to 1; undefined without predicted voxels.</summary>
    Precision,

    /// <summary>NSD: the part of both surfaces within a tolerance of each other, from 0 to 1.</summary>
    SurfaceDice,

    /// <summary>The 95th percentile of the surface distances, in mm.</summary>
    Hausdorff95,

    /// <summary>The largest surface distance, in mm.</summary>
    Hausdorff,

    /// <summary>Average symmetric surface distance, in mm.</summary>
    MeanSurfaceDistance,
}
