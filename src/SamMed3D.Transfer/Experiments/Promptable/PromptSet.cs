namespace SamMed3D.Transfer;

/// <summary>The prompts of one object, as a user gives them.</summary>
public sealed record PromptSet
{
    /// <summary>Points, in the order in which they are given.</summary>
    public IReadOnlyList<Click> Clicks { get; init; } = [];

    /// <summary>Boxes around the object.</summary>
    public IReadOnlyList<BoxPrompt> Boxes { get; init; } = [];

    /// <summary>A label file on the grid of the image, whose voxels above 0 are what is known of the object; null for none.</summary>
    public string? MaskPath { get; init; }

    /// <summary>Whether there is nothing in it.</summary>
    public bool IsEmpty => Clicks.Count == 0 && Boxes.Count == 0 && MaskPath is null;

    /// <summary>Gives the prompts to an object.</summary>
    /// <exception cref="ArgumentException">A prompt is outside of the image.</exception>
    /// <exception cref="InvalidDataException">The mask is damaged.</exception>
    internal void ApplyTo(PromptedObject target)
    {
        foreach (var click in Clicks)
            target.AddClick(click);
        foreach (var box in Boxes)
            target.AddBox(box);
        if (MaskPath is null)
            return;
        using var mask = LabelVolume.Open(MaskPath);
        target.SetMask(mask);
    }
}
