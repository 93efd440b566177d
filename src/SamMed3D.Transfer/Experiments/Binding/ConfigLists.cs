using System.Collections;

namespace SamMed3D.Transfer;

/// <summary>The lists of records.</summary>
internal static class ConfigLists
{
    /// <summary>The record with lists that compare by value, at every depth, so that equal files give equal records.</summary>
    public static object Settled(object record)
    {
        var shape = ConfigRecordShape.Of(record.GetType());
        var values = new Dictionary<ConfigMember, object?>();
        foreach (var member in shape.Members)
        {
            object? value = member.Property.GetValue(record);
            if (value is null || ConfigScalar.Covers(member.Type) || ConfigRecordShape.IsText(member.Type))
                continue;
            values[member] = ItemType(member.Type) is { } item
                ? Make(member.Type, item, [.. ((IEnumerable)value).Cast<object>().Select(part => ConfigScalar.Covers(item) ? part : Settled(part))])
                : Settled(value);
        }

        return values.Count == 0 ? record : shape.Create(values, record);
    }

    /// <summary>What a list holds; null for what is no list.</summary>
    public static Type? ItemType(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0]
        : null;

    /// <summary>A list of this type that compares by value where it can.</summary>
    public static object Make(Type type, Type item, object[] values)
    {
        var array = Array.CreateInstance(item, values.Length);
        Array.Copy(values, array, values.Length);
        return type.IsArray ? array : Activator.CreateInstance(typeof(ValueList<>).MakeGenericType(item), array)!;
    }
}
