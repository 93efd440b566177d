namespace SamMed3D.Transfer;

/// <summary>Where the grid of the file is the network's with its axes in another order: each voxel goes back to its own place.</summary>
internal sealed class ReorderedLabels(Geometry image, Geometry source, LabelScheme? scheme, long channels) : RestoredLabels(source, scheme, channels)
{
    private readonly Orientation _from = image.Orientation, _to = source.Orientation;
    private readonly int _length = image.Size.X;
    private int _done;

    private protected override void Take(Tensor logits)
    {
        int count = (int)logits.shape[1];
        var (axis, isFlipped) = Reorientation.FirstAxis(_from, _to);
        Store(Reorientation.Arranged(LabelsOf(logits), _from, _to), axis, isFlipped ? _length - _done - count : _done);
        _done += count;
    }
}
