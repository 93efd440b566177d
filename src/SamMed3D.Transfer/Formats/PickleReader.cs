using System.Numerics;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads a pickle (Python's serialization, protocols 2 to 5 as torch.save writes it) into inert data. Nothing is imported or called:
/// see <see cref="PickleGlobals"/> for the few constructors that are understood. Opcodes: Python's Lib/pickletools.py.
/// </summary>
internal sealed class PickleReader
{
    private const int LongestInteger = 1024;

    private static readonly object Mark = new();
    private readonly PickleStream _input;
    private readonly Func<object?, object?> _persistentLoad;
    private readonly Stack<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];

    private readonly PickleAllowance _allowance;

    private PickleReader(PickleStream input, Func<object?, object?> persistentLoad, PickleAllowance allowance)
    {
        _input = input;
        _persistentLoad = persistentLoad;
        _allowance = allowance;
    }

    /// <summary>Reads one pickle, up to its STOP.</summary>
    /// <param name="input">Positioned at its start.</param>
    /// <param name="persistentLoad">Gives the object that a persistent id stands for.</param>
    /// <param name="storedLength">Bytes of the file that hold it: fewer than its length where it is compressed.</param>
    /// <exception cref="InvalidDataException">The pickle is damaged or names what is not allowed.</exception>
    public static object? Read(PickleStream input, Func<object?, object?> persistentLoad, long storedLength) =>
        new PickleReader(input, persistentLoad, new PickleAllowance(storedLength)).Run();

    private object? Run()
    {
        if (_input.ReadByte() != 0x80)
            throw new InvalidDataException("not a pickle of protocol 2 or later");
        byte protocol = _input.ReadByte();
        if (protocol is < 2 or > 5)
            throw new InvalidDataException($"pickle protocol {protocol} is not supported; 2 to 5 are");
        while (true)
        {
            byte opcode = _input.ReadByte();
            _allowance.Spend(1);
            if (opcode == '.')
                return Pop();
            if (!Scalar(opcode) && !Container(opcode) && !Object(opcode))
                throw new InvalidDataException($"bad pickle: opcode 0x{opcode:x2} is unknown or not used by torch.save");
        }
    }

    private bool Scalar(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'N': return Push(null);
            case 0x88: return Push(true);
            case 0x89: return Push(false);
            case (byte)'K': return Push((long)_input.ReadByte());
            case (byte)'M': return Push((long)_input.ReadUInt16());
            case (byte)'J': return Push((long)_input.ReadInt32());
            case 0x8a: return PushInteger(_input.ReadByte());
            case 0x8b: return PushInteger(_input.ReadInt32());
            case (byte)'G': return Push(_input.ReadBigEndianDouble());
            case (byte)'X': return Push(_input.ReadText(_input.ReadUInt32()));
            case 0x8c: return Push(_input.ReadText(_input.ReadByte()));
            case 0x8d: return Push(_input.ReadText(_input.ReadInt64()));
            case (byte)'U': return Push(_input.ReadText(_input.ReadByte()));     // Python 2's str
            case (byte)'T': return Push(_input.ReadText(_input.ReadInt32()));
            case (byte)'C': return Push(_input.ReadBytes(_input.ReadByte()));
            case (byte)'B': return Push(_input.ReadBytes(_input.ReadUInt32()));
            case 0x8e or 0x96: return Push(_input.ReadBytes(_input.ReadInt64()));
            case 0x95: return _input.ReadInt64() >= 0;                           // FRAME: nothing to do
            default: return false;
        }
    }

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(': return Push(Mark);
            case (byte)'0': return Pop() is var _;
            case (byte)'1': return PopToMark() is not null;
            case (byte)'2': return Push(Peek());
            case (byte)')': return Push(new PickledTuple([]));
            case (byte)'t': return Push(new PickledTuple(PopToMark()));
            case 0x85: return Push(new PickledTuple(PopMany(1)));
            case 0x86: return Push(new PickledTuple(PopMany(2)));
            case 0x87: return Push(new PickledTuple(PopMany(3)));
            case (byte)']' or 0x8f: return Push(new List<object?>());
            case (byte)'l' or 0x91: return Push(new List<object?>(PopToMark()));
            case (byte)'a': return Append(PopMany(1));
            case (byte)'e' or 0x90: return Append(PopToMark());
            case (byte)'}': return Push(new PickledDictionary());
            case (byte)'s': return SetItems(PopMany(2));
            case (byte)'u': return SetItems(PopToMark());
            default: return false;
        }
    }

    private bool Object(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': return Memorize(_input.ReadByte());
            case (byte)'r': return Memorize(_input.ReadUInt32());
            case 0x94: return Memorize(_memo.Count);
            case (byte)'h': return Recall(_input.ReadByte());
            case (byte)'j': return Recall(_input.ReadUInt32());
            case (byte)'c': return Push(PickleGlobals.Require(new PickledGlobal(_input.ReadLine(), _input.ReadLine())));
            case 0x93: return StackGlobal();
            case (byte)'Q': return Push(_persistentLoad(Pop()));
            case (byte)'R': return Construct(PopMany(2), isClass: false);
            case 0x81: return Construct(PopMany(2), isClass: true);
            case 0x92: return Construct(PopMany(3)[..2], isClass: true);         // NEWOBJ_EX: its keywords are not needed
            case (byte)'b': return Build(Pop());
            default: return false;
        }
    }

    private bool StackGlobal() => PopMany(2) is [string module, string name]
        ? Push(PickleGlobals.Require(new PickledGlobal(module, name)))
        : throw new InvalidDataException("bad pickle: a global without a name");

    private bool Construct(object?[] calleeAndArguments, bool isClass) => calleeAndArguments is [var callee, PickledTuple arguments]
        ? Push(PickleGlobals.Construct(callee, arguments, isClass, _allowance))
        : throw new InvalidDataException("bad pickle: a call without a tuple of arguments");

    private bool Build(object? state)
    {
        if (Peek() is PickledObject inert)
            inert.State = state;
        return true;
    }

    private bool Append(object?[] items)
    {
        switch (Peek())
        {
            case List<object?> list:
                list.AddRange(items);
                return true;
            case PickledObject:
                return true;
            default:
                throw new InvalidDataException("bad pickle: items are appended to something that is not a list");
        }
    }

    private bool SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
            throw new InvalidDataException("bad pickle: a key without a value");
        switch (Peek())
        {
            case PickledDictionary dictionary:
                for (var i = 0; i < items.Length; i += 2)
                    dictionary.Set(items[i], items[i + 1]);
                return true;
            case PickledObject:
                return true;
            default:
                throw new InvalidDataException("bad pickle: items are set on something that is not a dict");
        }
    }

    private bool PushInteger(int byteCount)
    {
        if (byteCount is < 0 or > LongestInteger)
            throw new InvalidDataException($"bad pickle: an integer of {byteCount} bytes");
        var value = new BigInteger(_input.ReadBytes(byteCount));
        return value >= long.MinValue && value <= long.MaxValue ? Push((long)value) : Push(value);
    }

    private bool Memorize(long place)
    {
        _memo[place] = Peek();
        return true;
    }

    private bool Recall(long place) => _memo.TryGetValue(place, out object? value)
        ? Push(value)
        : throw new InvalidDataException($"bad pickle: memo {place} was never set");

    private bool Push(object? value)
    {
        _stack.Push(value);
        return true;
    }

    private object? Peek() => _stack.TryPeek(out object? value) && value != Mark
        ? value
        : throw new InvalidDataException("bad pickle: the stack is empty");

    private object? Pop()
    {
        object? value = Peek();
        _stack.Pop();
        return value;
    }

    private object?[] PopMany(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            items[i] = Pop();
        return items;
    }

    private object?[] PopToMark()
    {
        var items = new List<object?>();
        while (_stack.TryPop(out object? value))
            if (value == Mark)
            {
                items.Reverse();
                return [.. items];
            }
            else
            {
                items.Add(value);
            }

        throw new InvalidDataException("bad pickle: no mark on the stack");
    }
}
