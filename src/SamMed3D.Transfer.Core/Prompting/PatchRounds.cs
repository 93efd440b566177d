namespace SamMed3D.Transfer;

/// <summary>
/// The rounds of one object in one patch, as SAM-Med3D's inference runs them: click by click, with all clicks so far and the mask of
/// the round before; the first mask is all 0. Rounds that were decoded before are not decoded again.
/// </summary>
internal sealed class PatchRounds(PromptableModel model, Tensor embedding, CropOrPad patch) : IDisposable
{
    /// <summary>How sure a mask from outside is of itself: logits of -7 to 7. Published code has none; its own masks are of that size.</summary>
    private const double MaskLogit = 7;

    private readonly List<MaskPrediction> _rounds = [];
    private PlacedPrompts _given = new([], [], null);

    /// <summary>Decodes what is new.</summary>
    /// <param name="prompts">In voxels of the patch; at least a click, a box or a mask.</param>
    /// <returns>The last round, which stays this object's.</returns>
    public MaskPrediction Predict(PlacedPrompts prompts)
    {
        Keep(CommonRounds(prompts));
        _given = prompts;
        using var noGradient = no_grad();
        for (int round = _rounds.Count; round < Math.Max(1, prompts.Clicks.Count); round++)
        {
            using var scope = NewDisposeScope();
            var prediction = model.Decode(embedding, Batch(prompts, Math.Min(round + 1, prompts.Clicks.Count)));
            _rounds.Add(new MaskPrediction(prediction.Masks.DetachFromDisposeScope(), prediction.PredictedIou.DetachFromDisposeScope()));
        }

        return _rounds[^1];
    }

    public void Dispose() => Keep(0);

    private PromptBatch Batch(PlacedPrompts prompts, int clickCount)
    {
        var clicks = prompts.Clicks.Take(clickCount).ToList();
        return new PromptBatch
        {
            Points = clicks.Count == 0 ? null : Voxels(clicks.Select(click => click.Voxel)).unsqueeze(0),
            Labels = clicks.Count == 0 ? null : tensor(clicks.Select(click => click.IsForeground ? 1L : 0L).ToArray()).unsqueeze(0).to(embedding.device),
            Boxes = prompts.Boxes.Count == 0 ? null : Voxels(prompts.Boxes.SelectMany(box => new[] { box.Low, box.High })).view(1, -1, 2, 3),
            Masks = _rounds.Count == 0 ? FirstMask(prompts.Mask) : _rounds[^1].Masks,
        };
    }

    private Tensor Voxels(IEnumerable<Size3> voxels)
    {
        float[] places = [.. voxels.SelectMany(voxel => new float[] { voxel.X, voxel.Y, voxel.Z })];
        return tensor(places).view(-1, 3).to(embedding.device);
    }

    private Tensor FirstMask(LabelVolume? mask)
    {
        var size = model.Options.Prompts.MaskSize;
        if (mask is null)
            return zeros([1, 1, size.X, size.Y, size.Z], embedding.dtype, embedding.device);
        using var part = patch.Apply(mask);
        var share = functional.adaptive_avg_pool3d(part.Values.to(ScalarType.Float32).unsqueeze(0).unsqueeze(0), size.ToArray());
        return ((share * 2 - 1) * MaskLogit).to(embedding.dtype, embedding.device);
    }

    /// <summary>How many rounds had nothing but what is given now too.</summary>
    private int CommonRounds(PlacedPrompts prompts)
    {
        if (!prompts.Boxes.SequenceEqual(_given.Boxes) || prompts.Mask != _given.Mask)
            return 0;
        if (prompts.Clicks.Count == 0 || _given.Clicks.Count == 0)
            return prompts.Clicks.Count == _given.Clicks.Count ? _rounds.Count : 0;
        return prompts.Clicks.Zip(_given.Clicks).TakeWhile(pair => pair.First == pair.Second).Count();
    }

    private void Keep(int count)
    {
        foreach (var round in _rounds.Skip(count))
            round.Dispose();
        _rounds.RemoveRange(Math.Min(count, _rounds.Count), Math.Max(0, _rounds.Count - count));
    }
}
