using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace SamMed3D.Transfer;

/// <summary>A key of a record.</summary>
internal sealed class ConfigMember
{
    public required string Key { get; init; }

    public required PropertyInfo Property { get; init; }

    /// <summary>The type without <see cref="Nullable{T}"/>.</summary>
    public required Type Type { get; init; }

    public required bool IsNullable { get; init; }

    public required bool IsRequired { get; init; }

    /// <summary>The allowed numbers, where the property states them.</summary>
    public RangeAttribute? Range { get; init; }

    /// <summary>The constructor's default, for a positional record.</summary>
    public object? Default { get; init; }
}

/// <summary>What the binder and the writer need to know about a record: its keys, how to make one, how to copy one.</summary>
internal sealed class ConfigRecordShape
{
    private static readonly ConcurrentDictionary<Type, ConfigRecordShape> Known = new();

    private readonly Type _type;
    private readonly ConstructorInfo? _positional;

    private ConfigRecordShape(Type type)
    {
        _type = type;
        var constructors = type.GetConstructors().Where(candidate => candidate.GetParameters() is not [{ } only] || only.ParameterType != type).ToList();
        _positional = constructors.Exists(candidate => candidate.GetParameters().Length == 0)
            ? null
            : constructors.MaxBy(candidate => candidate.GetParameters().Length);
        var parameters = _positional?.GetParameters() ?? [];
        var nullability = new NullabilityInfoContext();
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .OrderBy(property => Depth(property.DeclaringType!));
        Members = [.. properties.Select(property =>
        {
            var parameter = Array.Find(parameters, candidate => candidate.Name == property.Name);
            return new ConfigMember
            {
                Key = ConfigNames.Key(property.Name),
                Property = property,
                Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
                IsNullable = nullability.Create(property).WriteState == NullabilityState.Nullable,
                IsRequired = parameter is not null ? !parameter.HasDefaultValue : property.IsDefined(typeof(RequiredMemberAttribute)),
                Range = property.GetCustomAttribute<RangeAttribute>(),
                Default = parameter?.HasDefaultValue == true ? parameter.DefaultValue : null,
            };
        })];
        Positional = [.. parameters.Select(parameter => Members.Single(member => member.Property.Name == parameter.Name))];
    }

    /// <summary>The keys in the order in which they are written: those of the base record first.</summary>
    public IReadOnlyList<ConfigMember> Members { get; }

    /// <summary>The members that a positional record takes in its constructor.</summary>
    public IReadOnlyList<ConfigMember> Positional { get; }

    /// <summary>Whether the record can be written as a list, such as an extent along three axes.</summary>
    public bool IsTuple => _type.IsValueType && Positional.Count > 1 && Positional.All(member => member.Type == Positional[0].Type);

    public static ConfigRecordShape Of(Type type) => Known.GetOrAdd(type, key => new ConfigRecordShape(key));

    /// <summary>The implicit conversion from a scalar that the type offers, such as a cube from its edge.</summary>
    public static MethodInfo? ScalarConversion(Type type) => Array.Find(
        type.GetMethods(BindingFlags.Public | BindingFlags.Static),
        method => method.Name == "op_Implicit" && method.ReturnType == type && ConfigScalar.Covers(method.GetParameters()[0].ParameterType));

    /// <summary>Whether the type is written as text: it converts from text, and its ToString gives that text.</summary>
    public static bool IsText(Type type) => ScalarConversion(type)?.GetParameters()[0].ParameterType == typeof(string);

    /// <summary>A record with nothing set, or null for a positional one.</summary>
    public object? CreateDefault() => _positional is null ? Activator.CreateInstance(_type) : null;

    /// <summary>A record with these values on top of the defaults or of <paramref name="start"/>.</summary>
    public object Create(IReadOnlyDictionary<ConfigMember, object?> values, object? start)
    {
        object result = start is not null ? Copy(start)
            : _positional is null ? Activator.CreateInstance(_type)!
            : _positional.Invoke([.. Positional.Select(member => values.TryGetValue(member, out var value) ? value : member.Default)]);
        foreach (var (member, value) in values)
            member.Property.SetValue(result, value);
        return result;
    }

    /// <summary>What `with { }` does.</summary>
    private object Copy(object record) => _type.IsValueType
        ? RuntimeHelpers.GetObjectValue(record)
        : (_type.GetMethod("<Clone>$") ?? throw new NotSupportedException($"{_type} is no record.")).Invoke(record, null)!;

    private static int Depth(Type type) => type.BaseType is null ? 0 : 1 + Depth(type.BaseType);
}
