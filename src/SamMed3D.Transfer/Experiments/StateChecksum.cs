using System.Security.Cryptography;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>What tells a run's state from a damaged one of the same length: a flipped bit in a moment of the optimizer would go on as if it had been learnt.</summary>
internal static class StateChecksum
{
    /// <summary>Its place in the metadata.</summary>
    public const string Key = "checksum";

    /// <summary>SHA-256 over all texts but its own and all tensors, by name.</summary>
    public static string Of(IWeightSource source, IReadOnlyDictionary<string, string> texts)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            foreach (var (name, text) in texts.Where(entry => entry.Key != Key).OrderBy(entry => entry.Key, StringComparer.Ordinal))
                stream.Write(Encoding.UTF8.GetBytes($"{name}\n{text}\n"));
            foreach (var info in source.Tensors.OrderBy(info => info.Name, StringComparer.Ordinal))
            {
                stream.Write(Encoding.UTF8.GetBytes($"{info.Name} {info.DType} {string.Join(' ', info.Shape)}\n"));
                using var tensor = source.Read(info.Name);
                TensorBytes.Write(stream, tensor);
            }
        }

        return Convert.ToHexString(hash.Hash!);
    }
}
