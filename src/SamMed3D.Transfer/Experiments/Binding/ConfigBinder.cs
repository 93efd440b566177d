using System.Reflection;

namespace SamMed3D.Transfer;

/// <summary>
/// Turns nodes into immutable records and collects everything that does not fit, with its place. Knows no record by name:
/// keys are the settable properties, required ones are C#'s <c>required</c>, contradictions are what <c>Validated()</c> throws.
/// </summary>
internal sealed class ConfigBinder(ConfigSchema schema, List<ExperimentProblem> problems)
{
    /// <summary>Keys with a problem of their own; of these, <see cref="_unreadable"/> have no value at all, so that nothing follows from it.</summary>
    private readonly HashSet<string> _blamed = [], _unreadable = [];

    /// <summary>Stands for a value that could not be made; its problem has been noted.</summary>
    private static readonly object Failed = new();

    /// <summary>Whether a message about this key only follows from a problem that has been noted.</summary>
    public bool Explains(string key, string message) =>
        _blamed.Contains(key) || _unreadable.Any(unreadable => unreadable == key || message.Contains(unreadable, StringComparison.Ordinal));

    /// <returns>The record, with defaults where there were problems; null when that cannot be made.</returns>
    public T? Bind<T>(ConfigNode root)
        where T : class => BindValue(root, typeof(T), null, "") is T record ? (T)ConfigLists.Settled(record) : null;

    private object BindValue(ConfigNode node, Type type, object? fallback, string path)
    {
        if (ConfigScalar.Covers(type))
            return BindScalar(node, type, path);
        if (ConfigLists.ItemType(type) is { } item)
            return BindList(node, type, item, path);
        var conversion = ConfigRecordShape.ScalarConversion(type);
        switch (node)
        {
            case ConfigText { IsNull: false } text when conversion is not null:
                return Convert(text, conversion, path);
            case var other when ConfigRecordShape.IsText(type):
                return Fail(other, path, $"expected text, got {Describe(other)}");
            case ConfigGroup group:
                return BindRecord(group, type, fallback, path);
            case ConfigList list when !type.IsAbstract && ConfigRecordShape.Of(type) is { IsTuple: true } shape:
                return BindTuple(list, shape, path);
            default:
                return Fail(node, path, $"expected {DescribeRecord(type)}, got {Describe(node)}");
        }
    }

    private object Convert(ConfigText text, MethodInfo conversion, string path)
    {
        object value = BindScalar(text, conversion.GetParameters()[0].ParameterType, path);
        try
        {
            return value == Failed ? Failed : conversion.Invoke(null, [value])!;
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is ArgumentException error)
        {
            return Fail(text, path, error.Message);
        }
    }

    private object BindScalar(ConfigNode node, Type type, string path)
    {
        if (node is ConfigText { IsNull: false } text)
        {
            if (ConfigScalar.Parse(text, type) is { } value)
                return value;
            if (ConfigScalar.IsBeyondRange(text, type))
                return Fail(node, path, $"{text.Value} is beyond the range of whole numbers here");
            string hint = type.IsEnum ? ConfigNames.DidYouMean(text.Value, ConfigScalar.EnumValues(type)) : "";
            return Fail(node, path, $"expected {ConfigScalar.Describe(type)}, got {Describe(node)}{hint}");
        }

        return Fail(node, path, $"expected {ConfigScalar.Describe(type)}, got {Describe(node)}");
    }

    private object BindList(ConfigNode node, Type type, Type item, string path)
    {
        if (node is not ConfigList list)
            return Fail(node, path, $"expected a list such as [a, b], got {Describe(node)}");
        object[] values = [.. list.Items.Select((child, index) => BindValue(child, item, null, $"{path}[{index}]"))];
        return values.Contains(Failed) ? Failed : ConfigLists.Make(type, item, values);
    }

    private object BindTuple(ConfigList list, ConfigRecordShape shape, string path)
    {
        var members = shape.Positional;
        if (list.Items.Count != members.Count)
            return Fail(list, path, $"expected {members.Count} values, got {list.Items.Count}");
        object[] values = [.. list.Items.Select((child, index) => BindValue(child, members[index].Type, null, $"{path}[{index}]"))];
        return values.Contains(Failed)
            ? Failed
            : shape.Create(members.Zip(values).ToDictionary(pair => pair.First, pair => (object?)pair.Second), null);
    }

    private object BindRecord(ConfigGroup group, Type type, object? fallback, string path)
    {
        bool isChosen = schema.Covers(type);
        if (isChosen)
        {
            if (RecordOfKind(group, type, path) is not { } chosen)
                return Failed;
            type = chosen;
        }

        var shape = ConfigRecordShape.Of(type);
        object? start = fallback?.GetType() == type && shape.Positional.Count == 0 ? fallback : null;
        object? defaults = start ?? shape.CreateDefault();
        ConfigMember[] members = [.. schema.Members(type)];
        var values = new Dictionary<ConfigMember, object?>();
        foreach (var entry in group.Entries)
        {
            string key = Join(path, entry.Key);
            if (group.Entries.Find(other => other.Key == entry.Key) is { } first && !ReferenceEquals(first, entry))
                problems.Add(entry.Position.Problem($"{key}: duplicate key, first set in line {first.Position.Line}"));
            else if (Array.Find(members, member => member.Key == entry.Key) is { } member)
            {
                object? value = BindMember(entry.Value, member, defaults, key);
                if (value == Failed)
                {
                    _blamed.Add(key);
                    _unreadable.Add(key);
                }
                else
                    values[member] = value;
            }
            else if (entry.Key != ConfigSchema.Key || !isChosen)
                problems.Add(entry.Position.Problem($"{key}: unknown key"
                    + ConfigNames.DidYouMean(entry.Key, members.Select(known => known.Key))
                    + (members.Length > 0 ? "" : isChosen ? "; this kind has no keys of its own" : "; there are no keys here")));
        }

        ConfigMember[] absent = start is not null ? [] : [.. members.Where(member => member.IsRequired && !values.ContainsKey(member))];
        foreach (var member in absent.Where(member => !_blamed.Contains(Join(path, member.Key))))
            problems.Add(group.Position.Problem($"{Join(path, member.Key)}: missing key"
                + (schema.Covers(member.Type) ? $"; expected {DescribeRecord(member.Type)}" : "")));
        return absent.Length > 0 ? Failed : Validated(shape, values, start, group, path);
    }

    private object? BindMember(ConfigNode node, ConfigMember member, object? defaults, string path)
    {
        if (node is ConfigText { IsNull: true } && member.IsNullable)
            return null;
        object value = BindValue(node, member.Type, defaults is null ? null : member.Property.GetValue(defaults), path);
        if (value != Failed && member.Range is { } range && !range.IsValid(value))
            return Fail(node, path, FormattableString.Invariant($"expected {range.Minimum} to {range.Maximum}, got {Describe(node)}"));
        return value;
    }

    private Type? RecordOfKind(ConfigGroup group, Type type, string path)
    {
        string allowed = string.Join(", ", schema.Of(type));
        if (group.Entries.Find(entry => entry.Key == ConfigSchema.Key) is not { } entry)
        {
            var usual = schema.UsualOf(type);
            if (usual is null)
                problems.Add(group.Position.Problem($"{Join(path, ConfigSchema.Key)}: missing key; expected one of {allowed}"));
            return usual;
        }

        string? written = (entry.Value as ConfigText)?.Value;
        if (written is not null && schema.Find(type, written) is { } record)
            return record;
        problems.Add(entry.Value.Position.Problem($"{Join(path, ConfigSchema.Key)}: expected one of {allowed}, got {Describe(entry.Value)}"
            + ConfigNames.DidYouMean(written ?? "", schema.Of(type))));
        return null;
    }

    /// <summary>
    /// Asks the record whether its values fit together. A value that does not is noted and taken out, and the record is asked again, so that
    /// all of them come to light at once.
    /// </summary>
    private object Validated(ConfigRecordShape shape, Dictionary<ConfigMember, object?> values, object? start, ConfigGroup group, string path)
    {
        object record = shape.Create(values, start);
        var method = record.GetType().GetMethod("Validated", BindingFlags.Public | BindingFlags.Instance, []);
        if (method is null || !method.ReturnType.IsInstanceOfType(record))
            return record;
        var remaining = new Dictionary<ConfigMember, object?>(values);
        for (object trial = record; WhyRefused(method, trial) is { } error; trial = shape.Create(remaining, start))
        {
            int suffix = error.Message.IndexOf(" (Parameter '", StringComparison.Ordinal);
            var message = new ConfigMessage(suffix < 0 ? error.Message : error.Message[..suffix], shape);
            string[] named = [.. message.Keys.Prepend(ConfigNames.Key(error.ParamName ?? ""))];
            if (named.Any(key => _blamed.Contains(Join(path, key))))
                break;
            // Of two values that contradict each other, the one on the command line is the new one.
            var entry = named.Select(key => group.Entries.Find(candidate => candidate.Key == key)).Where(found => found is not null)
                .OrderBy(found => found!.Value.Position.Line > 0).FirstOrDefault();
            string where = entry is null ? path : Join(path, entry.Key);
            problems.Add((entry?.Value.Position ?? group.Position).Problem(where.Length == 0 ? message.Text : $"{where}: {message.Without(entry?.Key)}"));
            if (entry is null || !remaining.Remove(shape.Members.First(member => member.Key == entry.Key)))
                break;
            _blamed.Add(where);
        }

        return record;
    }

    private static ArgumentException? WhyRefused(MethodInfo validated, object record)
    {
        try
        {
            validated.Invoke(record, null);
            return null;
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is ArgumentException error)
        {
            return error;
        }
    }

    private string DescribeRecord(Type type)
    {
        if (schema.Covers(type))
            return $"a group of keys with kind: {string.Join(" | ", schema.Of(type))}";
        if (type.IsAbstract || ConfigRecordShape.Of(type) is not { } shape)
            return "a group of keys";
        string list = shape.IsTuple ? $"a list of {shape.Positional.Count} values" : "a group of keys";
        return ConfigRecordShape.ScalarConversion(type) is { } conversion
            ? $"{ConfigScalar.Describe(conversion.GetParameters()[0].ParameterType)} or {list}" : list;
    }

    private object Fail(ConfigNode node, string path, string message)
    {
        problems.Add(node.Position.Problem(path.Length == 0 ? message : $"{path}: {message}"));
        return Failed;
    }

    private static string Describe(ConfigNode node) => node switch
    {
        ConfigText { IsNull: true } => "nothing",
        ConfigText { IsPlain: true } text => $"'{text.Value}'",
        ConfigText text => $"the text \"{text.Value}\"",
        ConfigList list => $"a list of {list.Items.Count}",
        _ => "a group of keys",
    };

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
