namespace SamMed3D.Transfer;

/// <summary>A row of the table of <see cref="KnownFamilies"/>: how a model's checkpoints are known, and where its tensors go.</summary>
/// <param name="Family">The model.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Encoder">The family of its encoder alone: only encoders of one family have the same parameters.</param>
/// <param name="EncoderPrefix">What the encoder's keys start with, after <see cref="KnownFamilies.Wrappers"/>.</param>
/// <param name="Clues">All of them must hold; no two rows' can hold at once.</param>
public sealed record FamilyPattern(
    ModelFamily Family, string Name, ModelFamily Encoder, string EncoderPrefix, IReadOnlyList<KeyClue> Clues)
{
    /// <summary>Tensors beside the encoder, which a load of the encoder leaves out.</summary>
    public IReadOnlyList<IgnoredKeys> Beside { get; init; } = [];

    /// <summary>Tensors that no computation of the model uses.</summary>
    public IReadOnlyList<IgnoredKeys> Unused { get; init; } = [];

    /// <summary>Whether it works on images, not volumes.</summary>
    public bool IsPlanar { get; init; }

    /// <summary>Whether it is a whole segmentation model, encoder and decoder, of the kind this library builds.</summary>
    public bool IsUnetr => Family is ModelFamily.SamMed3DUnetr or ModelFamily.MonaiUnetr or ModelFamily.Adapter3dUnetr;

    /// <summary>From the checkpoint to the encoder alone.</summary>
    public KeyMap ToEncoder => new()
    {
        Stripped = KnownFamilies.Wrappers,
        Ignored = [.. Unused, .. Beside],
        Rules = EncoderPrefix.Length == 0 ? [] : [new KeyRule(EncoderPrefix, string.Empty)],
    };

    /// <summary>From the checkpoint to the same model.</summary>
    public KeyMap ToModel => new() { Stripped = KnownFamilies.Wrappers, Ignored = Unused };
}
