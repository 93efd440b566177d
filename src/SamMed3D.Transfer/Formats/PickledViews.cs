namespace SamMed3D.Transfer;

/// <summary>Makes tensors and storages from what torch.save pickles for them, checking every number.</summary>
internal static class PickledViews
{
    private const int MostDimensions = 64;

    /// <summary>A tensor from the arguments (storage, offset, sizes, strides, …) of torch._utils._rebuild_tensor_v2.</summary>
    /// <exception cref="InvalidDataException">The view does not lie inside of its storage.</exception>
    public static PickledTensor Rebuild(object?[] arguments)
    {
        if (arguments is not [PickledStorage storage, long offset, var sizes, var strides, ..])
            throw new InvalidDataException("bad tensor in the pickle: expected (storage, offset, sizes, strides)");
        long[] shape = Numbers(sizes), steps = Numbers(strides);
        if (shape.Length != steps.Length)
            throw new InvalidDataException(
                $"bad tensor in the pickle: rank mismatch, {shape.Length} sizes but {steps.Length} strides");
        if (shape.Any(size => size < 0))
            throw new InvalidDataException($"bad tensor in the pickle: bad size in [{string.Join(", ", shape)}]");
        if (steps.Any(step => step < 0))
            throw new InvalidDataException($"bad tensor in the pickle: bad stride in [{string.Join(", ", steps)}]");
        var tensor = new PickledTensor(storage, offset, shape, steps);
        try
        {
            if (offset < 0 || checked(offset + tensor.Extent) > storage.Count)
                throw Outside(tensor);
        }
        catch (OverflowException)
        {
            throw Outside(tensor);
        }

        return tensor;
    }

    /// <summary>A tensor from the arguments (bytes, offset, sizes, strides, requires_grad, hooks, dtype, …) of torch._utils._rebuild_tensor_v3.</summary>
    /// <exception cref="InvalidDataException">The view does not lie inside of its storage, or is of an unknown type.</exception>
    public static PickledTensor RebuildTyped(object?[] arguments)
    {
        if (arguments is not [PickledStorage { Type: ScalarType.Byte } bytes, _, _, _, _, _, PickledGlobal named, ..])
            throw new InvalidDataException("bad tensor in the pickle: expected (bytes, offset, sizes, strides, requires_grad, hooks, dtype)");
        var type = PickleGlobals.Type(named);
        int width = TensorBytes.Width(type);
        if (bytes.Count % width != 0)
            throw new InvalidDataException($"storage size mismatch: {BrokenFile.Quote(bytes.Key)} has {bytes.Count} bytes, which are no whole {type} elements");
        object?[] typed = [.. arguments];
        typed[0] = bytes with { Type = type, Count = bytes.Count / width };
        return Rebuild(typed);
    }

    /// <summary>A storage from its persistent id ('storage', class, key, location, count).</summary>
    public static PickledStorage Storage(object? persistentId)
    {
        if (persistentId is not PickledTuple { Items: ["storage", PickledGlobal type, string key, string, long count, .. var rest] })
            throw new InvalidDataException("bad persistent id in the pickle: expected ('storage', class, key, location, count)");
        if (rest is [not null, ..])
            throw new InvalidDataException("views of storages, as very old versions of PyTorch saved them, are not supported; save the file anew");
        if (PickleGlobals.StorageType(type) is not { } scalar)
            throw new InvalidDataException($"unknown storage class {BrokenFile.Quote(type.FullName)}");
        if (count < 0 || count > long.MaxValue / 8)
            throw new InvalidDataException($"storage size mismatch: {BrokenFile.Quote(key)} declares {count} elements");
        return new PickledStorage(key, scalar, count);
    }

    private static InvalidDataException Outside(PickledTensor tensor) => new(
        $"bad tensor in the pickle: a view outside of the storage (sizes [{string.Join(", ", tensor.Shape)}], strides "
        + $"[{string.Join(", ", tensor.Strides)}], offset {tensor.Offset}, {tensor.Storage.Count} elements)");

    private static long[] Numbers(object? sequence)
    {
        IReadOnlyList<object?>? items = sequence switch
        {
            PickledTuple tuple => tuple.Items,
            List<object?> list => list,
            _ => null,
        };
        if (items is { Count: > MostDimensions })
            throw new InvalidDataException($"bad tensor in the pickle: {items.Count} dimensions");
        if (items is null || items.Any(item => item is not long))
            throw new InvalidDataException("bad tensor in the pickle: sizes and strides must be integers");
        return [.. items.Select(item => (long)item!)];
    }
}
