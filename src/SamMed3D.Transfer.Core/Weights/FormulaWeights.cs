using System.Runtime.InteropServices;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>
/// Weights computed from a tensor's name alone, so that a full-size model can be checked against stored outputs without a download.
/// The rules are those of the golden case "sam3d_vitb": splitmix64 of the name's FNV-1a hash plus the flat index, scaled by the kind of tensor.
/// </summary>
public static class FormulaWeights
{
    private const int Piece = 1 << 22;

    /// <summary>One parameter or buffer.</summary>
    /// <param name="name">Its full name in the reference's state dict, such as "image_encoder.pos_embed".</param>
    /// <param name="shape">Its sizes.</param>
    /// <returns>Float32 on the CPU; the caller owns it.</returns>
    public static Tensor Create(string name, params IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        var (offset, scale) = Rule(name, shape);
        return Fill(name, shape, offset, scale);
    }

    /// <summary>The input volume of a case: values within -2 to 2.</summary>
    /// <param name="name">"input", with the case's prefix in front.</param>
    /// <param name="shape">Its sizes.</param>
    /// <returns>Float32 on the CPU; the caller owns it.</returns>
    public static Tensor CreateInput(string name, params IReadOnlyList<long> shape) => Fill(name, shape, 0, 4);

    /// <summary>A whole state dict as a weight source, computed when it is read.</summary>
    /// <param name="tensors">Full names and sizes.</param>
    public static IWeightSource Source(IEnumerable<KeyValuePair<string, IReadOnlyList<long>>> tensors) => new FormulaSource(tensors);

    /// <summary>FNV-1a over the UTF-8 bytes of a text.</summary>
    internal static ulong Hash(string text)
    {
        var hash = 0xcbf29ce484222325ul;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 0x100000001b3ul;
        return hash;
    }

    /// <summary>One step of the splitmix64 generator (Steele, Lea and Flood 2014).</summary>
    internal static ulong Mix(ulong state)
    {
        ulong mixed = state + 0x9E3779B97F4A7C15ul;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ul;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBul;
        return mixed ^ (mixed >> 31);
    }

    private static (double Offset, double Scale) Rule(string name, IReadOnlyList<long> shape)
    {
        string[] parts = name.Split('.');
        string last = parts[^1];
        if (last == "positional_encoding_gaussian_matrix")
            return (0, 2);
        if (last == "pos_embed" || last.StartsWith("rel_pos_", StringComparison.Ordinal))
            return (0, 0.4);
        if (parts.Any(part => part is "point_embeddings" or "not_a_point_embed" or "no_mask_embed" or "iou_token" or "mask_tokens"))
            return (0, 1);
        if (last == "bias")
            return (0, 0.1);
        if (shape.Count == 1)
            return (1, 0.2);
        if (shape.Count == 0)
            throw new ArgumentException($"The formula has no rule for the scalar '{name}'.", nameof(shape));
        double fanIn = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        return (0, 2 * Math.Sqrt(3) / Math.Sqrt(fanIn) * 0.5);
    }

    private static Tensor Fill(string name, IReadOnlyList<long> shape, double offset, double scale)
    {
        var tensor = empty([.. shape], dtype: ScalarType.Float32, device: CPU);
        ulong seed = Hash(name);
        long count = tensor.numel();
        using var flat = tensor.view(-1L);
        for (var start = 0L; start < count; start += Piece)
        {
            using var piece = flat.narrow(0, start, Math.Min(Piece, count - start));
            var values = MemoryMarshal.Cast<byte, float>(piece.bytes);
            ulong state = seed + (ulong)start;
            for (var i = 0; i < values.Length; i++)
            {
                double uniform = (Mix(state + (ulong)i) >> 40) * (1.0 / (1 << 24)) - 0.5;
                values[i] = (float)(offset + scale * uniform);
            }
        }

        return tensor;
    }

    private sealed class FormulaSource : IWeightSource
    {
        private readonly Dictionary<string, WeightInfo> _infos;

        public FormulaSource(IEnumerable<KeyValuePair<string, IReadOnlyList<long>>> tensors)
        {
            Tensors = [.. tensors.Select(pair => new WeightInfo(pair.Key, pair.Value, ScalarType.Float32))];
            _infos = Tensors.ToDictionary(info => info.Name, StringComparer.Ordinal);
        }

        public string Origin => "formula";

        public IReadOnlyList<WeightInfo> Tensors { get; }

        public Tensor Read(string name) => _infos.TryGetValue(name, out var info)
            ? Create(name, info.Shape)
            : throw new KeyNotFoundException($"There is no tensor '{name}' among those of the formula.");

        public void Dispose()
        {
        }
    }
}
