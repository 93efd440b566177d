namespace SamMed3D.Transfer;

/// <summary>Which model a checkpoint belongs to, recognised by its keys and shapes.</summary>
/// <param name="Family">The model.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Reason">The keys and shapes that tell.</param>
public sealed record WeightFamily(ModelFamily Family, string Name, string Reason)
{
    /// <summary>Recognises the model that tensors belong to.</summary>
    public static WeightFamily Recognise(IReadOnlyList<WeightInfo> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var keys = new Keys(tensors);
        if (keys.Has("vit.patch_embedding.") && keys.Has("encoder1.layer."))
            return new(ModelFamily.MonaiUnetr, "UNETR (MONAI)", "has vit.patch_embedding.* and encoder1.layer.*");
        if (keys.Shape("vit.patch_embed.proj.weight") is { Count: 5 } taps && keys.Has("vit.neck."))
            return new(ModelFamily.SamMed3DUnetr, "UNETR on the SAM-Med3D encoder", $"has vit.neck.* and vit.patch_embed.proj.weight {Text(taps)}");
        if (keys.Has("slice_embed.") || keys.Has("image_encoder.slice_embed."))
            return new(ModelFamily.Adapter3d, "3DSAM-adapter encoder", "has slice_embed.*");
        foreach (string prefix in new[] { "image_encoder.", "" })
            if (keys.Shape(prefix + "patch_embed.proj.weight") is { } patch && keys.Has(prefix + "neck."))
                return OfSam(keys, prefix, patch);
        return new(ModelFamily.Unknown, "unknown", $"no known pattern among {tensors.Count} keys such as {LoadReport.Some([.. tensors.Select(info => info.Name)])}");
    }

    private static WeightFamily OfSam(Keys keys, string prefix, IReadOnlyList<long> patch)
    {
        string evidence = $"{prefix}patch_embed.proj.weight is {Text(patch)}";
        if (patch.Count == 5)
            return keys.Has("mask_decoder.") && keys.Has("prompt_encoder.")
                ? new(ModelFamily.SamMed3D, "SAM-Med3D", $"{evidence} (3D), with prompt_encoder.* and mask_decoder.*")
                : new(ModelFamily.SamMed3DEncoder, "SAM-Med3D encoder alone", $"{evidence} (3D), without a mask decoder");
        string size = patch[0] switch
        {
            768 => " vit_b",
            1024 => " vit_l",
            1280 => " vit_h",
            _ => $" of width {patch[0]}",
        };
        return keys.Has(prefix + "blocks.0.Adapter.")
            ? new(ModelFamily.SamMed2d, "SAM-Med2D" + size, $"{evidence} (2D), with {prefix}blocks.0.Adapter.*")
            : new(ModelFamily.Sam2d, "2D SAM (or MedSAM)" + size, $"{evidence} (2D), without adapters");
    }

    private static string Text(IReadOnlyList<long> shape) => LoadReport.Text(shape);

    // A model saved from several GPUs has "module." before every key.
    private sealed class Keys(IReadOnlyList<WeightInfo> tensors)
    {
        private readonly (string Name, WeightInfo Info)[] _tensors = [.. tensors.Select(info => (KeyMap.Identity.Apply(info.Name)!, info))];

        public bool Has(string prefix) => _tensors.Any(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal));

        public IReadOnlyList<long>? Shape(string name) => _tensors.FirstOrDefault(tensor => tensor.Name == name).Info?.Shape;
    }
}
