namespace SamMed3D.Transfer.Benchmarks;

/// <summary>Stands in for the released checkpoint where that cannot be had: its encoder's names and shapes, weights by formula.</summary>
internal static class FormulaCheckpoint
{
    public static void Write(string path)
    {
        using var encoder = new ImageEncoder(EncoderOptions.SamMed3D);
        using var source = FormulaWeights.Source(encoder.named_parameters()
            .Select(entry => KeyValuePair.Create("image_encoder." + entry.name, (IReadOnlyList<long>)entry.parameter.shape)));
        PyTorchCheckpoint.Save(path, source);
        Console.WriteLine($"wrote {path}: {source.Tensors.Count} tensors");
    }
}
