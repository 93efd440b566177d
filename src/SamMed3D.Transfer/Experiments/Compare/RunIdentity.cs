using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Hashes of what a run is made of, by which two runs are known to differ in their start alone.</summary>
internal static class RunIdentity
{
    /// <summary>Steps whose patches are hashed: the order of all follows from the same seed and cases.</summary>
    private const int HashedSteps = 2;

    public static RunHashes Of(
        IEnumerable<DatasetCase> training, IEnumerable<DatasetCase> validation, IBatchSource patches, nn.Module model, LoadReport? start) => new()
    {
        Split = Text(training.Select(one => $"train {one.Id}").Concat(validation.Select(one => $"validate {one.Id}"))),
        PatchOrder = Patches(patches),
        DecoderInitialization = Decoder(model),
        StartWeights = start?.Sha256,
    };

    private static string Text(IEnumerable<string> lines) => Hex(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    private static string Patches(IBatchSource patches)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var step = 0; step < HashedSteps; step++)
        {
            using var batch = patches.BatchAt(step);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', batch.CaseIds)));
            hash.AppendData(batch.Images.bytes);
            hash.AppendData(batch.Labels.bytes);
        }

        return Hex(hash.GetHashAndReset());
    }

    /// <summary>Of what is not the encoder; null for a network of another kind, which shares no decoder with others.</summary>
    private static string? Decoder(nn.Module model)
    {
        if (EncoderField.Of(model) is not { Prefix: var encoder })
            return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, parameter) in model.named_parameters().Where(entry => !entry.name.StartsWith(encoder, StringComparison.Ordinal)))
        {
            using var values = parameter.detach().cpu();
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(values.bytes);
        }

        return Hex(hash.GetHashAndReset());
    }

    private static string Hex(byte[] hash) => string.Concat(hash.Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
}
