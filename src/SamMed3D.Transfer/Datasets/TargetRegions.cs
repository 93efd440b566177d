namespace SamMed3D.Transfer;

/// <summary>
/// The regions around targets that a promptable model is trained and validated on: cut around the target as SAM-Med3D does, then normalised by
/// the voxels above 0 of the region (each by its own, as in SAM-Med3D's inference; its training shares one mean over a batch).
/// </summary>
public sealed class TargetRegions
{
    private readonly CaseStore _cases;
    private readonly Size3 _size;

    /// <param name="cases">Cases at the wanted spacing with their intensities unchanged (<see cref="Normalization.None"/>). They stay the caller's.</param>
    /// <param name="size">Voxels of a region.</param>
    /// <param name="minimumVoxels">Smaller targets are left out.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between cases.</param>
    /// <exception cref="InvalidDataException">A case is damaged.</exception>
    public TargetRegions(CaseStore cases, Size3 size, int minimumVoxels, IProgress<string>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        _cases = cases;
        _size = size;
        var targets = new List<Target>();
        for (var index = 0; index < cases.Count; index++)
        {
            stop.ThrowIfCancellationRequested();
            var found = Target.Of(index, cases[index]);
            targets.AddRange(found.Where(target => target.VoxelCount >= minimumVoxels));
            LeftOut += found.Count(target => target.VoxelCount < minimumVoxels);
            progress?.Report(cases[index].Id);
        }

        Targets = targets;
    }

    /// <summary>The targets, by case and label.</summary>
    public IReadOnlyList<Target> Targets { get; }

    /// <summary>How many targets are too small.</summary>
    public int LeftOut { get; }

    /// <summary>The region around a target.</summary>
    /// <param name="target">One of <see cref="Targets"/>.</param>
    /// <param name="shift">Voxels by which the middle of the region lies off the middle of the target, along X, Y, Z.</param>
    /// <returns>The image [C, X, Y, Z], float32, normalised, and the target [1, X, Y, Z], int64, 0 or 1; the caller owns both.</returns>
    /// <exception cref="InvalidDataException">The region cannot be normalised; the message has the case.</exception>
    public (Tensor Image, Tensor Labels) Cut(Target target, VoxelIndex shift = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var one = _cases[target.CaseIndex];
        int Begin(int first, int last, int extent, int by) => (int)Math.Floor((first + last + 1 - extent) / 2.0) + by;
        var window = CropOrPad.At(one.Image.Geometry,
        [
            Begin(target.First.X, target.Last.X, _size.X, shift.X), Begin(target.First.Y, target.Last.Y, _size.Y, shift.Y),
            Begin(target.First.Z, target.Last.Z, _size.Z, shift.Z),
        ], _size);
        using var scope = NewDisposeScope();
        using var cut = window.Apply(one.Image);
        using var labels = window.Apply(one.Labels!);
        try
        {
            using var normalised = IntensityNormalization.ZScoreOverPositive(cut);
            return (normalised.Values.clone().MoveToOuterDisposeScope(),
                (labels.Values == target.Label).to(ScalarType.Int64).unsqueeze(0).MoveToOuterDisposeScope());
        }
        catch (ArgumentException reason)
        {
            throw new InvalidDataException($"Case {target.CaseId}, label {target.Label}: {reason.Message}", reason);
        }
    }
}
