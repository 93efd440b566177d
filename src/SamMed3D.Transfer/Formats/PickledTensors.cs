using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>Finds the tensors in an unpickled object and names them by their path.</summary>
internal static class PickledTensors
{
    private const int MostTensors = 1_000_000;
    private const int DeepestNesting = 64;
    private const long AlwaysReasonable = 64L << 20;

    /// <summary>Every tensor below an object in dicts, lists and tuples; keys and indexes joined by "/", in stored order.</summary>
    public static List<KeyValuePair<string, PickledTensor>> Name(object? root)
    {
        var found = new List<KeyValuePair<string, PickledTensor>>();
        Visit(string.Empty, root, 0, found, new HashSet<object>(ReferenceEqualityComparer.Instance), []);
        return found;
    }

    /// <summary>Refuses tensors whose full content is out of proportion to the file (a stride of 0 repeats values for nothing).</summary>
    public static void RequireReasonableSizes(IEnumerable<KeyValuePair<string, PickledTensor>> tensors, long fileLength)
    {
        long limit = Math.Max(AlwaysReasonable, 8 * fileLength);
        foreach (var (name, tensor) in tensors)
            if (TensorBytes.CountElements(tensor.Shape) is not { } count || count > limit / TensorBytes.Width(tensor.Storage.Type))
                throw new InvalidDataException(
                    $"tensor {BrokenFile.Quote(name)} of shape [{string.Join(", ", tensor.Shape)}] is over the size limit for a file of {fileLength} bytes");
    }

    // Objects without tensors are visited once: a pickle can share one list in very many places.
    private static bool Visit(
        string path, object? value, int depth, List<KeyValuePair<string, PickledTensor>> found, HashSet<object> barren, HashSet<string> names)
    {
        if (value is PickledTensor tensor)
        {
            if (found.Count == MostTensors)
                throw new InvalidDataException($"more than {MostTensors} tensors");
            if (!names.Add(path))
                throw new InvalidDataException($"two tensors are named {BrokenFile.Quote(path)}");
            found.Add(new(path, tensor));
            return true;
        }

        var children = Children(value);
        if (children is null || barren.Contains(value!))
            return false;
        if (depth == DeepestNesting)
            throw new InvalidDataException($"dicts and lists are nested deeper than {DeepestNesting}");
        var any = false;
        foreach (var (key, child) in children)
            any |= Visit(path.Length == 0 ? key : $"{path}/{key}", child, depth + 1, found, barren, names);
        if (!any)
            barren.Add(value!);
        return any;
    }

    private static IEnumerable<(string Key, object? Value)>? Children(object? value) => value switch
    {
        PickledDictionary dictionary => dictionary.Items
            .Where(item => item.Key is string or long)
            .Select(item => (Convert.ToString(item.Key, CultureInfo.InvariantCulture)!, item.Value)),
        List<object?> list => Indexed(list),
        PickledTuple tuple => Indexed(tuple.Items),
        _ => null,
    };

    private static IEnumerable<(string, object?)> Indexed(IEnumerable<object?> items) =>
        items.Select((item, index) => (index.ToString(CultureInfo.InvariantCulture), item));
}
