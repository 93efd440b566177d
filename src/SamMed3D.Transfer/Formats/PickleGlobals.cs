namespace SamMed3D.Transfer;

/// <summary>
/// What the globals of a pickle mean here. A few constructors are understood by name, classes that mean nothing here become inert data,
/// and everything else (functions, and whatever can reach the system) is refused. No code of a file is ever run, whatever it names.
/// </summary>
internal static class PickleGlobals
{
    private const int CostOfEntry = 16;

    private static readonly Dictionary<string, ScalarType> Storages = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = ScalarType.Float64,
        ["torch.FloatStorage"] = ScalarType.Float32,
        ["torch.HalfStorage"] = ScalarType.Float16,
        ["torch.BFloat16Storage"] = ScalarType.BFloat16,
        ["torch.LongStorage"] = ScalarType.Int64,
        ["torch.IntStorage"] = ScalarType.Int32,
        ["torch.ShortStorage"] = ScalarType.Int16,
        ["torch.CharStorage"] = ScalarType.Int8,
        ["torch.ByteStorage"] = ScalarType.Byte,
        ["torch.BoolStorage"] = ScalarType.Bool,
    };

    // Bytes whose type the tensor names.
    private static readonly HashSet<string> UntypedStorages = new(StringComparer.Ordinal)
    {
        "torch.UntypedStorage", "torch._UntypedStorage", "torch.storage.UntypedStorage", "torch.storage._UntypedStorage",
    };

    private static readonly Dictionary<string, ScalarType> Types = new(StringComparer.Ordinal)
    {
        ["torch.float64"] = ScalarType.Float64,
        ["torch.float32"] = ScalarType.Float32,
        ["torch.float16"] = ScalarType.Float16,
        ["torch.bfloat16"] = ScalarType.BFloat16,
        ["torch.int64"] = ScalarType.Int64,
        ["torch.int32"] = ScalarType.Int32,
        ["torch.int16"] = ScalarType.Int16,
        ["torch.int8"] = ScalarType.Int8,
        ["torch.uint8"] = ScalarType.Byte,
        ["torch.bool"] = ScalarType.Bool,
    };

    // Constructors in lower case whose results are kept as inert data.
    private static readonly HashSet<string> InertConstructors = new(StringComparer.Ordinal)
    {
        "torch.device", "numpy.dtype", "numpy.ndarray", "datetime.datetime", "datetime.date", "datetime.timedelta", "collections.deque",
        "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct",
        "numpy.random._pickle.__randomstate_ctor", "numpy.random._pickle.__bit_generator_ctor", "numpy.random._pickle.__generator_ctor",
        "builtins.set", "builtins.frozenset", "builtins.bytearray", "builtins.complex", "builtins.slice", "builtins.range", "builtins.object",
        "builtins.int", "builtins.float", "builtins.bool", "builtins.str", "builtins.bytes", "builtins.list", "builtins.tuple", "builtins.dict",
        "__builtin__.set", "__builtin__.frozenset", "__builtin__.bytearray", "__builtin__.complex", "__builtin__.object",
        "__builtin__.int", "__builtin__.float", "__builtin__.bool", "__builtin__.str", "__builtin__.list", "__builtin__.tuple", "__builtin__.dict",
    };

    // Modules (and all below them) through which a pickle reaches the system. A checkpoint that names one is hostile.
    private static readonly HashSet<string> ForbiddenModules = new(StringComparer.Ordinal)
    {
        "__builtin__", "builtins", "_io", "_posixsubprocess", "_thread", "aifc", "asyncio", "atexit", "bdb", "cProfile", "cgi", "cloudpickle", "code",
        "codeop", "commands", "concurrent", "copyreg", "ctypes", "dill", "distutils", "doctest", "fcntl", "fileinput", "ftplib", "functools", "gc",
        "glob", "http", "imp", "importlib", "inspect", "io", "ipython", "itertools", "joblib", "linecache", "mailcap", "marshal", "mmap",
        "multiprocessing", "nt", "ntpath", "operator", "os", "pdb", "pickle", "_pickle", "pip", "pkgutil", "platform", "popen2", "posix", "posixpath", "profile",
        "pty", "pydoc", "requests", "resource", "runpy", "setuptools", "shutil", "signal", "site", "smtplib", "socket", "socketserver", "ssl",
        "subprocess", "sys", "sysconfig", "telnetlib", "tempfile", "test", "threading", "timeit", "trace", "traceback", "types", "urllib", "uuid",
        "venv", "warnings", "weakref", "webbrowser", "xmlrpc", "zipfile", "zipimport",
    };

    /// <summary>The element type of a storage class; null when it is not one.</summary>
    public static ScalarType? StorageType(PickledGlobal global) =>
        UntypedStorages.Contains(global.FullName) ? ScalarType.Byte : Storages.TryGetValue(global.FullName, out var type) ? type : null;

    /// <summary>The element type that a torch.dtype stands for.</summary>
    public static ScalarType Type(PickledGlobal global) => Types.TryGetValue(global.FullName, out var type)
        ? type
        : throw new InvalidDataException(
            $"tensors of type {BrokenFile.Quote(global.FullName)} are not supported; known are {string.Join(", ", Types.Keys)}");

    /// <summary>The storage class for an element type.</summary>
    public static string StorageName(ScalarType type) => Storages.FirstOrDefault(pair => pair.Value == type).Key is { } name
        ? name["torch.".Length..]
        : throw new NotSupportedException($"Tensors of type {type} are not stored in checkpoints; convert them to a real type first.");

    /// <summary>Refuses a global that no checkpoint has a reason to name.</summary>
    public static PickledGlobal Require(PickledGlobal global)
    {
        string root = global.Module.Split('.')[0];
        if (ForbiddenModules.Contains(root) && !InertConstructors.Contains(global.FullName))
            throw new InvalidDataException(
                $"forbidden global {BrokenFile.Quote(global.FullName)} in the pickle: the file tries to run code; do not use it");
        if (global.Module == "torch" && global.Name.EndsWith("Storage", StringComparison.Ordinal) && StorageType(global) is null)
            throw new InvalidDataException($"forbidden global {BrokenFile.Quote(global.FullName)} in the pickle: an unknown storage class");
        return global;
    }

    /// <summary>What calling a global with arguments stands for.</summary>
    /// <param name="callee">What is called.</param>
    /// <param name="arguments">With what.</param>
    /// <param name="isClass">Whether the pickle makes an object of a class, rather than calling whatever it names.</param>
    /// <param name="allowance">Pays for copies.</param>
    public static object? Construct(object? callee, PickledTuple arguments, bool isClass, PickleAllowance allowance)
    {
        if (callee is not PickledGlobal global)
            throw new InvalidDataException("bad pickle: something that is not a class is called");
        object?[] items = arguments.Items;
        switch (global.FullName)
        {
            case "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor":
                return PickledViews.Rebuild(items);
            case "torch._utils._rebuild_tensor_v3":
                return PickledViews.RebuildTyped(items);
            case "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" or "torch.nn.parameter.Parameter"
                when items is [PickledTensor tensor, ..]:
                return tensor;
            case "torch._tensor._rebuild_from_type_v2" when items is [PickledGlobal { Module: "torch._utils" } rebuild, _, PickledTuple inner, ..]:
                return Construct(rebuild, inner, isClass: false, allowance); // A subclass of Tensor, such as MONAI's MetaTensor.
            case "collections.OrderedDict" or "collections.Counter" or "builtins.dict" or "__builtin__.dict":
                return Dictionary(items.Length == 0 ? null : items[0], allowance);
            case "collections.defaultdict":
                return Dictionary(items.Length < 2 ? null : items[1], allowance);
            case "torch.Size" when items is [PickledTuple sizes]:
                return sizes;
            case "_codecs.encode" when items is [string text, "latin1"]:
                allowance.Spend(text.Length);
                return Latin1(text);
            case var name when isClass || InertConstructors.Contains(name) || IsClassLike(global):
                return new PickledObject(global, arguments);
            default:
                throw new InvalidDataException(
                    $"forbidden global {BrokenFile.Quote(global.FullName)} in the pickle: it is no constructor of a checkpoint's parts");
        }
    }

    // Python's classes are written in CapWords; enums and the like are rebuilt by calling them.
    private static bool IsClassLike(PickledGlobal global) =>
        char.IsAsciiLetterUpper(global.Name.Split('.')[^1].TrimStart('_').FirstOrDefault());

    private static PickledDictionary Dictionary(object? content, PickleAllowance allowance)
    {
        var dictionary = new PickledDictionary();
        if (content is PickledDictionary other)
        {
            allowance.Spend(CostOfEntry * (long)other.Items.Count);
            foreach (var (key, value) in other.Items)
                dictionary.Set(key, value);
        }
        else if (content is List<object?> pairs)
        {
            allowance.Spend(CostOfEntry * (long)pairs.Count);
            foreach (object? pair in pairs)
                switch (pair)
                {
                    case PickledTuple { Items: [var key, var value] }:
                        dictionary.Set(key, value);
                        break;
                    case List<object?> { Count: 2 } both:
                        dictionary.Set(both[0], both[1]);
                        break;
                    default:
                        throw new InvalidDataException("bad pickle: a dict is made from something that is not a list of pairs");
                }
        }

        return dictionary;
    }

    private static byte[] Latin1(string text) => text.All(letter => letter <= '\xff')
        ? [.. text.Select(letter => (byte)letter)]
        : throw new InvalidDataException("bad pickle: bytes beyond 255");
}
