using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Pickles (protocol 2) an OrderedDict of tensors whose storages are the records data/0, data/1, ….</summary>
internal sealed class StateDictPickle
{
    private readonly List<byte> _bytes = [];

    private StateDictPickle()
    {
    }

    /// <param name="tensors">Tensor i looks at the whole of storage i.</param>
    /// <param name="section">The key in an outer dict; null for none.</param>
    /// <param name="metadata">Texts for the outer dict, written before the state dict.</param>
    public static byte[] Write(IReadOnlyList<WeightInfo> tensors, string? section, IReadOnlyDictionary<string, string> metadata)
    {
        var pickle = new StateDictPickle();
        pickle.Opcodes(0x80, 2);
        if (section is not null)
        {
            pickle.Opcodes('}');
            foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                pickle.Text(key);
                pickle.Text(text);
                pickle.Opcodes('s');
            }

            pickle.Text(section);
        }

        pickle.OrderedDict();
        pickle.Opcodes('(');
        for (var i = 0; i < tensors.Count; i++)
        {
            pickle.Text(tensors[i].Name);
            pickle.Tensor(tensors[i], i);
        }

        pickle.Opcodes('u');
        if (section is not null)
            pickle.Opcodes('s');
        pickle.Opcodes('.');
        return [.. pickle._bytes];
    }

    // _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, backward_hooks)
    private void Tensor(WeightInfo info, int storage)
    {
        long count = TensorBytes.CountElements(info.Shape) ?? throw new ArgumentException($"'{info.Name}' has an impossible shape.");
        Global("torch._utils", "_rebuild_tensor_v2");
        Opcodes('(', '(');
        Text("storage");
        Global("torch", PickleGlobals.StorageName(info.DType));
        Text(storage.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Text("cpu");
        Integer(count);
        Opcodes('t', 'Q');
        Integer(0);
        Tuple(info.Shape);
        Tuple(Strides(info.Shape));
        Opcodes(0x89);
        OrderedDict();
        Opcodes('t', 'R');
    }

    private static long[] Strides(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        var step = 1L;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(1, shape[i]);
        }

        return strides;
    }

    private void OrderedDict()
    {
        Global("collections", "OrderedDict");
        Opcodes(')', 'R');
    }

    private void Tuple(IReadOnlyList<long> numbers)
    {
        Opcodes('(');
        foreach (long number in numbers)
            Integer(number);
        Opcodes('t');
    }

    private void Integer(long value)
    {
        if (value is >= 0 and <= byte.MaxValue)
        {
            Opcodes('K', (int)value);
        }
        else if (value is >= int.MinValue and <= int.MaxValue)
        {
            Opcodes('J');
            _bytes.AddRange(BitConverter.GetBytes((int)value));
        }
        else
        {
            Opcodes(0x8a, 8);
            _bytes.AddRange(BitConverter.GetBytes(value));
        }
    }

    private void Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Opcodes('X');
        _bytes.AddRange(BitConverter.GetBytes(utf8.Length));
        _bytes.AddRange(utf8);
    }

    private void Global(string module, string name)
    {
        Opcodes('c');
        _bytes.AddRange(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private void Opcodes(params ReadOnlySpan<int> opcodes)
    {
        foreach (int opcode in opcodes)
            _bytes.Add((byte)opcode);
    }
}
