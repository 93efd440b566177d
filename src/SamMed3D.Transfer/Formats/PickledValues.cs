namespace SamMed3D.Transfer;

/// <summary>A class or function that a pickle names. It is only ever compared by name.</summary>
internal sealed record PickledGlobal(string Module, string Name)
{
    public string FullName => $"{Module}.{Name}";
}

/// <summary>A Python tuple.</summary>
internal sealed record PickledTuple(object?[] Items);

/// <summary>An object of a class that means nothing here: its class and what it was given, as inert data.</summary>
internal sealed class PickledObject(PickledGlobal type, object? arguments)
{
    public PickledGlobal Type { get; } = type;

    public object? Arguments { get; } = arguments;

    public object? State { get; set; }
}

/// <summary>A Python dict in insertion order; a key that comes again replaces its value.</summary>
internal sealed class PickledDictionary
{
    private readonly List<KeyValuePair<object?, object?>> _items = [];
    private Dictionary<string, int>? _places;

    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items;

    public object? this[string key] => _places is not null && _places.TryGetValue(key, out int place) ? _items[place].Value : null;

    public void Set(object? key, object? value)
    {
        if (key is string text)
        {
            _places ??= new Dictionary<string, int>(StringComparer.Ordinal);
            if (_places.TryGetValue(text, out int place))
            {
                _items[place] = new(key, value);
                return;
            }

            _places.Add(text, _items.Count);
        }

        _items.Add(new(key, value));
    }
}

/// <summary>A run of elements that tensors look into; the data lies elsewhere in the checkpoint under the key.</summary>
internal sealed record PickledStorage(string Key, ScalarType Type, long Count);

/// <summary>A tensor as a view of a storage, checked to lie inside of it.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Elements of the storage from the first to the last one that the view touches.</summary>
    public long Extent
    {
        get
        {
            var last = 0L;
            for (var i = 0; i < Shape.Length; i++)
                if (Shape[i] == 0)
                    return 0;
                else
                    last = checked(last + (Shape[i] - 1) * Strides[i]);
            return last + 1;
        }
    }

    /// <summary>Whether the elements lie one after the other in C order.</summary>
    public bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (int i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                    return false;
                expected *= Shape[i];
            }

            return true;
        }
    }
}
