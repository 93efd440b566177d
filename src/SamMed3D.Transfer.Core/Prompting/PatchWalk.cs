namespace SamMed3D.Transfer;

/// <summary>The patches of one object: the first, those that it grows into, and those of clicks that lie elsewhere.</summary>
internal sealed class PatchWalk(PromptableModel model, PromptableImage image, Dictionary<Size3, PatchRounds> rounds, int patchLimit)
{
    private readonly List<(CropOrPad Place, Tensor Logits)> _patches = [];
    private readonly HashSet<Size3> _seen = [];
    private readonly Queue<(Size3 Place, Size3? Guess)> _waiting = [];

    /// <summary>Places, and logits [X, Y, Z], float32, on the CPU; they live in the scope around the walk.</summary>
    public IReadOnlyList<(CropOrPad Place, Tensor Logits)> Patches => _patches;

    /// <summary>Of the first patch.</summary>
    public double PredictedIou { get; private set; }

    /// <summary>What people should know.</summary>
    public List<string> Notes { get; } = [];

    public void Follow(PlacedPrompts prompts, CropOrPad first, IProgress<int>? progress, CancellationToken stop)
    {
        int guessed = 0;
        Enqueue(BeginOf(first), null);
        do
        {
            while (_waiting.TryDequeue(out var next))
            {
                stop.ThrowIfCancellationRequested();
                guessed += Look(prompts, image.PatchAt(next.Place), next.Guess) ? 1 : 0;
                progress?.Report(_patches.Count);
            }
        }
        while (SeekUnseenClick(prompts));

        if (guessed > 0)
            Notes.Add($"{guessed} of {_patches.Count} patches have no prompt in them: there the object was followed from the patch before.");
        int unseen = prompts.Clicks.Count(click => !_patches.Any(patch => IsIn(patch.Place, click)));
        if (unseen > 0)
            Notes.Add($"{unseen} of {prompts.Clicks.Count} clicks lie outside the {_patches.Count} patch(es) that were looked at, and had no effect.");
    }

    /// <summary>Predicts in one patch and looks where to go on.</summary>
    /// <returns>Whether a click had to be guessed.</returns>
    private bool Look(PlacedPrompts prompts, CropOrPad patch, Size3? guess)
    {
        var visible = prompts.In(patch);
        bool isGuess = guess is not null && visible.Mask is null && visible.Boxes.Count == 0 && !visible.Clicks.Any(click => click.IsForeground);
        if (isGuess)
            visible = visible with { Clicks = [new PlacedClick(guess!.Value, IsForeground: true), .. visible.Clicks] };
        var place = BeginOf(patch);
        if (!rounds.TryGetValue(place, out var known))
        {
            Tensor embedding;
            try
            {
                embedding = image.Embedding(patch);
            }
            catch (ArgumentException) when (_patches.Count > 0)
            {
                Notes.Add("A patch that the object would go on into has nothing to be normalised by (no voxels above 0), and was left out.");
                return false;
            }

            rounds[place] = known = new PatchRounds(model, embedding, patch);
        }

        var prediction = known.Predict(visible);
        using var noGradient = no_grad();
        var logits = model.Upsample(prediction.Masks)[0, 0].to(ScalarType.Float32).cpu();
        if (_patches.Count == 0)
            PredictedIou = prediction.PredictedIou[0, 0].to(ScalarType.Float64).item<double>();
        _patches.Add((patch, logits));
        foreach (var (neighbour, beyond) in PatchGrowth.Next(image.Grid.Size, place, logits))
            if (!IsSeen(beyond) && HasRoom() && PatchGrowth.SurestPlace(logits, place, neighbour) is { } surest)
                Enqueue(neighbour, surest);
        return isGuess;
    }

    /// <summary>A foreground click that no patch has reached gets a patch of its own.</summary>
    private bool SeekUnseenClick(PlacedPrompts prompts)
    {
        if (_seen.Count == patchLimit)
            return false;
        foreach (var click in prompts.Clicks)
            if (click.IsForeground && !_patches.Any(patch => IsIn(patch.Place, click)))
            {
                Enqueue(BeginOf(image.PatchAround(click.Voxel, click.Voxel)), null);
                return true;
            }

        return false;
    }

    private void Enqueue(Size3 place, Size3? guess)
    {
        if (_seen.Add(place))
            _waiting.Enqueue((place, guess));
    }

    private bool HasRoom()
    {
        string note = $"The object goes on beyond the {patchLimit} patch(es) that the options allow.";
        if (_seen.Count == patchLimit && !Notes.Contains(note))
            Notes.Add(note);
        return _seen.Count < patchLimit;
    }

    /// <summary>Whether a patch that is known or waiting shows a box whole: it goes on from there itself.</summary>
    private bool IsSeen(PlacedBox box) => _seen.Any(place =>
        image.PatchAt(place) is var patch && IsIn(patch, new PlacedClick(box.Low, true)) && IsIn(patch, new PlacedClick(box.High, true)));

    private static bool IsIn(CropOrPad patch, PlacedClick click) =>
        PlacedPrompts.IsInside(PlacedPrompts.Moved(click.Voxel, patch), patch.Geometry.Size);

    private static Size3 BeginOf(CropOrPad patch) => new(patch.Begin[0], patch.Begin[1], patch.Begin[2]);
}
