using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>Reads any record from YAML text: nodes, then overrides, then binding, then checks across records.</summary>
internal static class ConfigFile
{
    /// <param name="text">The YAML text.</param>
    /// <param name="origin">The path, for messages.</param>
    /// <param name="overrides">Each <c>path.to.key=value</c>.</param>
    /// <param name="schema">What may stand for abstract records.</param>
    /// <param name="contradictions">Checks across records: the key to blame, such as "data.patchSize", and why.</param>
    /// <exception cref="ExperimentFileException">Something does not fit; all of it is listed.</exception>
    public static T Read<T>(
        string text,
        string origin,
        IReadOnlyList<string> overrides,
        ConfigSchema schema,
        Func<T, IEnumerable<(string Key, string Message)>>? contradictions = null)
        where T : class
    {
        var problems = new List<ExperimentProblem>();
        var root = ConfigReader.Read(text, origin, isFile: true, problems);
        if (root is not (null or ConfigGroup))
            problems.Add(root.Position.Problem("expected keys such as 'name: value' at the top level"));
        if (root is ConfigGroup group)
        {
            foreach (string change in overrides)
                ConfigOverride.Apply(group, change, problems);
            var binder = new ConfigBinder(schema, problems);
            var result = binder.Bind<T>(group);
            if (result is not null)
                foreach (var (key, message) in Contradictions(result, contradictions, areValuesSound: problems.Count == 0))
                    if (!binder.Explains(key, message))
                        problems.Add(Place(group, key, message).Problem($"{key}: {message}"));
            if (result is not null && problems.Count == 0)
                return result;
        }

        throw new ExperimentFileException([.. problems
            .OrderBy(problem => problem.Line == 0)
            .ThenBy(problem => problem.Line)
            .ThenBy(problem => problem.Column)]);
    }

    private static List<(string Key, string Message)> Contradictions<T>(
        T record, Func<T, IEnumerable<(string Key, string Message)>>? contradictions, bool areValuesSound)
    {
        try
        {
            return [.. contradictions?.Invoke(record) ?? []];
        }
        catch (Exception error) when (!areValuesSound && error is ArgumentException or ArithmeticException or NullReferenceException or InvalidOperationException)
        {
            // Checks across records may rely on what the records themselves refused.
            return [];
        }
    }

    /// <summary>Where to look: of the keys that a message names, one on the command line is the new one.</summary>
    private static ConfigPosition Place(ConfigGroup root, string key, string message)
    {
        var own = Find(root, key);
        return own.Line == 0 ? own : Regex.Matches(message, @"\b[a-z]\w*(\.\w+)+").Select(name => Find(root, name.Value))
            .Where(place => place.Line == 0).Cast<ConfigPosition?>().FirstOrDefault() ?? own;
    }

    /// <summary>The place of a key, or of the innermost group above it that is written out.</summary>
    private static ConfigPosition Find(ConfigGroup root, string path)
    {
        ConfigNode node = root;
        foreach (string key in path.Split('.'))
        {
            if ((node as ConfigGroup)?.Entries.Find(entry => entry.Key == key) is not { } entry)
                break;
            node = entry.Value;
        }

        return node.Position;
    }
}
