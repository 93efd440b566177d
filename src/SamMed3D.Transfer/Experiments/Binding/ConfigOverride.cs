using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>Applies <c>path.to.key=value</c> to a tree of nodes before it is bound, so that overrides are checked like the file.</summary>
internal static class ConfigOverride
{
    /// <returns>The root, new where the override replaced it.</returns>
    public static void Apply(ConfigGroup root, string text, List<ExperimentProblem> problems)
    {
        string origin = $"--set {text}";
        var position = new ConfigPosition(origin, 0, 0);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string[] path = equals < 0 ? [] : [.. text[..equals].Split('.').Select(part => part.Trim())];
        if (path.Length == 0 || path.Contains(""))
        {
            problems.Add(position.Problem("expected path.to.key=value, such as training.steps=500"));
            return;
        }

        string value = text[(equals + 1)..];
        var node = value.Trim().Length == 0
            ? new ConfigText(position, "", true)
            : ConfigReader.Read(value, origin, isFile: false, problems);
        if (node is not null)
            Set(root, path, 0, node, problems);
    }

    private static void Set(ConfigNode parent, string[] path, int depth, ConfigNode value, List<ExperimentProblem> problems)
    {
        bool isLast = depth == path.Length - 1;
        string key = path[depth];
        switch (parent)
        {
            case ConfigGroup group:
                int at = group.Entries.FindIndex(entry => entry.Key == key);
                var child = isLast ? value : at < 0 || IsNull(group.Entries[at].Value) ? new ConfigGroup(value.Position, []) : group.Entries[at].Value;
                if (at < 0)
                    group.Entries.Add(new ConfigEntry(key, value.Position, child));
                else if (!ReferenceEquals(child, group.Entries[at].Value))
                    group.Entries[at] = new ConfigEntry(key, value.Position, child);
                if (!isLast)
                    Set(child, path, depth + 1, value, problems);
                break;
            case ConfigList list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < list.Items.Count:
                if (isLast)
                    list.Items[index] = value;
                else
                    Set(list.Items[index], path, depth + 1, value, problems);
                break;
            case ConfigList list:
                problems.Add(value.Position.Problem(
                    $"{string.Join('.', path[..depth])} is a list of {list.Items.Count} items; '{key}' is not an index into it"));
                break;
            default:
                problems.Add(value.Position.Problem($"{string.Join('.', path[..depth])} is a single value, it has no key '{key}'"));
                break;
        }
    }

    private static bool IsNull(ConfigNode node) => node is ConfigText { IsNull: true };
}
