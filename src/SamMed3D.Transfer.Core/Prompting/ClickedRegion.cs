namespace SamMed3D.Transfer;

/// <summary>Segments one object in one region, click by click, as SAM-Med3D's inference does: all clicks so far and the last mask go into each prediction.</summary>
public static class ClickedRegion
{
    /// <summary>Dice after each click of a simulated user, which stops where the mask is perfect (its score then stays).</summary>
    /// <param name="model">In evaluation mode, on its device.</param>
    /// <param name="image">[1, C, X, Y, Z], normalised, of the size that the model was built for.</param>
    /// <param name="truth">[X, Y, Z], bool, with at least one voxel of the object.</param>
    /// <param name="user">Clicks.</param>
    /// <param name="clickCount">How many times.</param>
    /// <returns>A score for each click. A voxel is predicted where its probability is above 0.5.</returns>
    /// <exception cref="ArgumentException">Shapes do not belong together, or there is no object.</exception>
    public static IReadOnlyList<DiceScore> Score(PromptableModel model, Tensor image, Tensor truth, SimulatedUser user, int clickCount)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(user);
        ArgumentOutOfRangeException.ThrowIfLessThan(clickCount, 1);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var device = model.parameters().First().device;
        var object3D = truth.to(device);
        var embedding = model.Encode(image.to(device));
        var size = model.Options.Prompts.MaskSize;
        var mask = zeros([1, 1, size.X, size.Y, size.Z], embedding.dtype, device);
        Tensor? prediction = null;
        List<float> points = [], labels = [];
        var scores = new List<DiceScore>(clickCount);
        for (var round = 0; round < clickCount; round++)
        {
            if (user.Next(object3D, prediction) is not var (voxel, isForeground))
            {
                if (scores.Count == 0)
                    throw new ArgumentException("There is no object to click on.", nameof(truth));
                scores.Add(scores[^1]);
                continue;
            }

            points.AddRange([voxel.X, voxel.Y, voxel.Z]);
            labels.Add(isForeground ? 1 : 0);
            using var step = NewDisposeScope();
            var prompts = PromptBatch.Of(
                tensor(points.ToArray(), [1, labels.Count, 3], device: device), tensor(labels.ToArray(), [1, labels.Count], device: device), mask);
            var decoded = model.Decode(embedding, prompts);
            mask = decoded.Masks.MoveToOuterDisposeScope();
            prediction = (model.Upsample(mask)[0, 0] > 0).MoveToOuterDisposeScope();
            scores.Add(Compare(object3D, prediction));
        }

        return scores;
    }

    private static DiceScore Compare(Tensor truth, Tensor prediction) => new(
        (truth & prediction).sum().item<long>(), (prediction & ~truth).sum().item<long>(), (truth & ~prediction).sum().item<long>());
}
