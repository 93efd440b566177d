namespace SamMed3D.Transfer;

/// <summary>A click on a voxel of the prepared image.</summary>
internal readonly record struct PlacedClick(Size3 Voxel, bool IsForeground);

/// <summary>A box on the prepared image; both corners belong to it.</summary>
internal readonly record struct PlacedBox(Size3 Low, Size3 High);

/// <summary>The prompts of one object on the voxels of the prepared image, or of one patch of it.</summary>
/// <param name="Clicks">In the order in which they were given.</param>
/// <param name="Boxes">For models with learned box embeddings.</param>
/// <param name="Mask">On the prepared image; null for none. It stays its owner's.</param>
internal sealed record PlacedPrompts(IReadOnlyList<PlacedClick> Clicks, IReadOnlyList<PlacedBox> Boxes, LabelVolume? Mask)
{
    /// <summary>What of them can be seen in a patch, in voxels of the patch. The mask is itself or, with nothing of it in the patch, null.</summary>
    public PlacedPrompts In(CropOrPad patch)
    {
        var size = patch.Geometry.Size;
        return new PlacedPrompts(
            [.. Clicks.Select(click => click with { Voxel = Moved(click.Voxel, patch) }).Where(click => IsInside(click.Voxel, size))],
            [.. Boxes.Select(box => new PlacedBox(Moved(box.Low, patch), Moved(box.High, patch))).Where(box => Meets(box, size))
                .Select(box => new PlacedBox(Limited(box.Low, size), Limited(box.High, size)))],
            Mask is not null && HasObject(Mask, patch) ? Mask : null);
    }

    private static bool HasObject(LabelVolume mask, CropOrPad patch)
    {
        using var part = patch.Apply(mask);
        using var any = part.Values.any();
        return any.ToBoolean();
    }

    public static bool IsInside(Size3 voxel, Size3 size) =>
        voxel.X >= 0 && voxel.X < size.X && voxel.Y >= 0 && voxel.Y < size.Y && voxel.Z >= 0 && voxel.Z < size.Z;

    public static Size3 Moved(Size3 voxel, CropOrPad patch) =>
        new(voxel.X - patch.Begin[0], voxel.Y - patch.Begin[1], voxel.Z - patch.Begin[2]);

    private static bool Meets(PlacedBox box, Size3 size) =>
        box.High.X >= 0 && box.Low.X < size.X && box.High.Y >= 0 && box.Low.Y < size.Y && box.High.Z >= 0 && box.Low.Z < size.Z;

    private static Size3 Limited(Size3 voxel, Size3 size) =>
        new(Math.Clamp(voxel.X, 0, size.X - 1), Math.Clamp(voxel.Y, 0, size.Y - 1), Math.Clamp(voxel.Z, 0, size.Z - 1));
}
