namespace SamMed3D.Transfer;

/// <summary>
/// What two arms differ in beside network, start and freezing, which an arm is there for: with another learning rate or other data, nobody can say which of them made the difference.
/// </summary>
internal static class ArmDifferences
{
    /// <summary>Keys that an arm is there for, and those that change no number.</summary>
    private static readonly string[] Expected =
        ["model", "start", "training.freezing", "name", "output", "saveMinutes", "keepBest", "data.cache", "data.workers", "data.prefetch"];

    /// <summary>Every other setting, such as "training.learningRate: 0.01 instead of 0.001".</summary>
    public static IReadOnlyList<string> Of(Experiment arm, Experiment baseline)
    {
        var (mine, theirs) = (Settings(arm), Settings(baseline));
        return
        [
            .. from key in mine.Keys.Union(theirs.Keys)
               let own = mine.GetValueOrDefault(key, "nothing")
               let other = theirs.GetValueOrDefault(key, "nothing")
               where own != other
               select $"{key}: {own} instead of {other}",
        ];
    }

    private static Dictionary<string, string> Settings(Experiment experiment)
    {
        var found = new Dictionary<string, string>();
        Collect(ConfigReader.Read(ExperimentFile.ToYaml(experiment), experiment.Name, isFile: false, [])!, "", found);
        // No key of its own: the network decides it, but arms are to see the same patches.
        found["patch size"] = experiment.Model.VolumeSize.ToString();
        return found;
    }

    private static void Collect(ConfigNode node, string key, Dictionary<string, string> found)
    {
        if (Expected.Contains(key))
            return;
        if (node is ConfigGroup group)
            foreach (var entry in group.Entries)
                Collect(entry.Value, key.Length == 0 ? entry.Key : $"{key}.{entry.Key}", found);
        else
            found[key] = Text(node);
    }

    private static string Text(ConfigNode node) => node switch
    {
        ConfigText text => text.Value,
        ConfigList list => $"[{string.Join(", ", list.Items.Select(Text))}]",
        ConfigGroup group => $"{{{string.Join(", ", group.Entries.Select(entry => $"{entry.Key}: {Text(entry.Value)}"))}}}",
        _ => throw new NotSupportedException($"{node.GetType()} is no node of a run file."),
    };
}
