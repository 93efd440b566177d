using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>Finds the tensors in an unpickled object and names them by their path.</summary>
internal sealed class PickledTensors
{
    private const int DeepestNesting = 64;
    private const long AlwaysReasonableContent = 16L << 20, AlwaysReasonableInflation = 256L << 20;

    private readonly List<KeyValuePair<string, PickledTensor>> _found = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    // Objects without tensors are visited once: a pickle can share one list in very many places.
    private readonly HashSet<object> _barren = new(ReferenceEqualityComparer.Instance);
    private readonly PickleAllowance _allowance;

    private PickledTensors(long fileLength) => _allowance = new PickleAllowance(fileLength);

    /// <summary>Every tensor below an object in dicts, lists and tuples; keys and indexes joined by "/", in stored order.</summary>
    /// <param name="root">The object.</param>
    /// <param name="fileLength">Bytes of the file it came from.</param>
    public static IReadOnlyList<KeyValuePair<string, PickledTensor>> Name(object? root, long fileLength)
    {
        var tensors = new PickledTensors(fileLength);
        tensors.Visit(string.Empty, root, 0);
        return tensors._found;
    }

    /// <summary>Refuses tensors whose full content is out of proportion to the file: a stride of 0 repeats values for nothing,
    /// and compressed zeros cost a thousandth of their size.</summary>
    public static void RequireReasonableSizes(IEnumerable<KeyValuePair<string, PickledTensor>> tensors, long fileLength, PyTorchContainer container)
    {
        long content = Math.Max(AlwaysReasonableContent, 8 * fileLength), inflation = Math.Max(AlwaysReasonableInflation, 64 * fileLength);
        foreach (var (name, tensor) in tensors)
        {
            if (TensorBytes.CountElements(tensor.Shape) is not { } count || count > content / TensorBytes.Width(tensor.Storage.Type))
                throw new InvalidDataException(
                    $"tensor {BrokenFile.Quote(name)} of shape [{string.Join(", ", tensor.Shape)}] is over the size limit for a file of {fileLength} bytes");
            content -= count * TensorBytes.Width(tensor.Storage.Type);
            inflation -= container.InflatedBytes(tensor);
            if (inflation < 0)
                throw new InvalidDataException($"the tensors are over the size limit for a compressed file of {fileLength} bytes");
        }
    }

    private bool Visit(string path, object? value, int depth)
    {
        if (value is PickledTensor tensor)
        {
            if (!_names.Add(path))
                throw new InvalidDataException($"two tensors are named {BrokenFile.Quote(path)}");
            _found.Add(new(path, tensor));
            return true;
        }

        if (Children(value) is not { } children || _barren.Contains(value!))
            return false;
        if (depth == DeepestNesting)
            throw new InvalidDataException($"dicts and lists are nested deeper than {DeepestNesting}");
        var any = false;
        foreach (var (key, child) in children)
        {
            _allowance.Spend(1);
            if (child is PickledTensor or PickledDictionary or List<object?> or PickledTuple)
                any |= Visit(Join(path, key), child, depth + 1);
        }

        if (!any)
            _barren.Add(value!);
        return any;
    }

    private string Join(string path, object? key)
    {
        string joined = path.Length == 0 ? $"{key}" : string.Create(CultureInfo.InvariantCulture, $"{path}/{key}");
        _allowance.Spend(joined.Length);
        return joined;
    }

    private static IEnumerable<(object? Key, object? Value)>? Children(object? value) => value switch
    {
        PickledDictionary dictionary => dictionary.Items.Where(item => item.Key is string or long).Select(item => (item.Key, item.Value)),
        List<object?> list => list.Select((item, index) => ((object?)index, item)),
        PickledTuple tuple => tuple.Items.Select((item, index) => ((object?)index, item)),
        _ => null,
    };
}
