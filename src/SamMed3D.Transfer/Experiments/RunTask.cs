namespace SamMed3D.Transfer;

/// <summary>What a run trains, as its file says.</summary>
public enum RunTask
{
    /// <summary>A network that segments the classes of a data set. A file without a task means this.</summary>
    Segmentation,

    /// <summary>A model that segments what it is pointed at.</summary>
    Promptable,
}
