using System.Collections;
using System.Text;

namespace SamMed3D.Transfer;

/// <summary>Writes a record as YAML with every key filled in; <see cref="ConfigBinder"/> reads it back to an equal record.</summary>
internal sealed class ConfigWriter(ConfigSchema schema)
{
    private readonly StringBuilder _text = new();

    public string Write(object record)
    {
        _text.Clear();
        WriteMembers(record, null, 0);
        return _text.ToString();
    }

    private void WriteMembers(object record, string? kind, int depth)
    {
        if (kind is not null)
            Line(depth, $"{ConfigSchema.Key}: {kind}");
        foreach (var member in schema.Members(record.GetType()))
        {
            object? value = member.Property.GetValue(record);
            if (Inline(value, member.Type) is { } inline)
            {
                Line(depth, $"{member.Key}: {inline}");
                continue;
            }

            Line(depth, $"{member.Key}:");
            if (value is IEnumerable items)
                foreach (object item in items)
                    WriteItem(item, ConfigLists.ItemType(member.Type)!, depth + 1);
            else
                WriteMembers(value!, KindOf(value!, member.Type), depth + 1);
        }
    }

    /// <summary>A record in a list: its first key stands behind the dash.</summary>
    private void WriteItem(object item, Type type, int depth)
    {
        int start = _text.Length;
        WriteMembers(item, KindOf(item, type), depth + 1);
        _text[start + 2 * depth] = '-';
    }

    /// <summary>The value on one line, or null for what needs lines of its own.</summary>
    private string? Inline(object? value, Type type)
    {
        if (value is null)
            return "null";
        if (ConfigScalar.Covers(value.GetType()))
            return ConfigScalar.Write(value);
        if (ConfigLists.ItemType(type) is { } item)
        {
            List<string?> parts = [.. ((IEnumerable)value).Cast<object>().Select(part => Inline(part, item))];
            return parts.Contains(null) ? null : $"[{string.Join(", ", parts)}]";
        }

        if (ConfigRecordShape.IsText(value.GetType()))
            return ConfigScalar.Write(value.ToString()!);
        if (schema.Covers(type))
            return null;
        var shape = ConfigRecordShape.Of(value.GetType());
        if (!schema.Members(value.GetType()).Any())
            return "{}";
        if (shape.Positional.Count == 0)
            return null;
        var members = shape.Positional.Select(member => (member.Key, Text: Inline(member.Property.GetValue(value), member.Type))).ToList();
        if (members.Exists(member => member.Text is null))
            return null;
        if (AsScalar(value, shape) is { } scalar)
            return scalar;
        return shape.IsTuple
            ? $"[{string.Join(", ", members.Select(member => member.Text))}]"
            : $"{{{string.Join(", ", members.Select(member => $"{member.Key}: {member.Text}"))}}}";
    }

    /// <summary>The scalar that converts to this value, such as the edge of a cube; null where none does.</summary>
    private static string? AsScalar(object value, ConfigRecordShape shape)
    {
        var conversion = ConfigRecordShape.ScalarConversion(value.GetType());
        object? first = shape.Positional[0].Property.GetValue(value);
        return conversion is not null && first is not null && conversion.GetParameters()[0].ParameterType.IsInstanceOfType(first)
            && value.Equals(conversion.Invoke(null, [first])) ? ConfigScalar.Write(first) : null;
    }

    private string? KindOf(object record, Type type) => !schema.Covers(type) ? null
        : schema.KindOf(type, record.GetType()) ?? throw new NotSupportedException($"{record.GetType()} is no known kind of {type}.");

    private void Line(int depth, string text) => _text.Append(' ', 2 * depth).Append(text).Append('\n');
}
