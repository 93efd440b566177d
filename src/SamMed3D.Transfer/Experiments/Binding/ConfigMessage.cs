using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>What <c>Validated()</c> says about properties, in the words of the file: <c>BatchSize</c> becomes <c>batchSize</c>.</summary>
internal sealed class ConfigMessage
{
    public ConfigMessage(string text, ConfigRecordShape shape)
    {
        var keys = new List<string>();
        Text = Regex.Replace(text, @"\b[A-Z]\w*\b", word =>
        {
            var member = shape.Members.FirstOrDefault(candidate => candidate.Property.Name == word.Value);
            if (member is null)
                return word.Value;
            keys.Add(member.Key);
            return member.Key;
        });
        Keys = keys;
    }

    public string Text { get; }

    /// <summary>The message without the key at its start, for behind that key.</summary>
    public string Without(string? key) =>
        key is not null && Text.StartsWith(key, StringComparison.Ordinal) && Text.Length > key.Length && (Text[key.Length] is ' ' or ':')
            ? Text[(key.Length + 1)..].TrimStart() : Text;

    /// <summary>The keys that the message names, in its order.</summary>
    public IReadOnlyList<string> Keys { get; }
}
