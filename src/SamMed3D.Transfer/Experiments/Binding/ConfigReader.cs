using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SamMed3D.Transfer;

/// <summary>
/// Reads one YAML document into nodes with places. Aliases, tags and further documents are refused: a run file says what it
/// means where it stands, and a few nested aliases can stand for billions of nodes.
/// </summary>
internal sealed class ConfigReader
{
    private const int DeepestNesting = 32;

    private readonly Parser _parser;
    private readonly string _origin;
    private readonly bool _isFile;
    private readonly List<ExperimentProblem> _problems;
    private int _depth;

    private ConfigReader(string text, string origin, bool isFile, List<ExperimentProblem> problems)
    {
        _parser = new Parser(new StringReader(text));
        _origin = origin;
        _isFile = isFile;
        _problems = problems;
    }

    /// <param name="text">The YAML text.</param>
    /// <param name="origin">The path of the file, or the override, for messages.</param>
    /// <param name="isFile">Whether lines and columns mean something to the reader of a message.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <returns>The root, or null when nothing could be read.</returns>
    public static ConfigNode? Read(string text, string origin, bool isFile, List<ExperimentProblem> problems)
    {
        var reader = new ConfigReader(text, origin, isFile, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException error)
        {
            problems.Add(reader.At(error.Start).Problem($"not valid YAML: {error.InnerException?.Message ?? error.Message}"));
            return null;
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 18.1 throws this, without a place, for some broken flow mappings such as one that is never closed.
            var last = reader._parser.Current?.End ?? Mark.Empty;
            problems.Add(reader.At(last).Problem("not valid YAML after this place"));
            return null;
        }
    }

    private ConfigNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out var end))
        {
            _problems.Add(At(end.Start).Problem("the file is empty"));
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = ReadNode();
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            _problems.Add(At(second.Start).Problem("a second YAML document starts here; expected one document"));
        return root;
    }

    private ConfigNode ReadNode()
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            _problems.Add(At(alias.Start).Problem($"aliases such as *{alias.Value} are not allowed; write the value out"));
            return new ConfigText(At(alias.Start), "", false);
        }

        if (_parser.Accept<NodeEvent>(out var node))
            RefuseDecorations(node);
        if (_parser.TryConsume<YamlDotNet.Core.Events.Scalar>(out var scalar))
            return new ConfigText(At(scalar.Start), scalar.Value, scalar.Style == ScalarStyle.Plain);
        if (++_depth > DeepestNesting)
            throw new YamlException(node!.Start, node.End, $"nested more than {DeepestNesting} levels deep");
        ConfigNode result = _parser.TryConsume<SequenceStart>(out var list) ? ReadList(list.Start) : ReadGroup();
        _depth--;
        return result;
    }

    private ConfigList ReadList(Mark start)
    {
        var items = new List<ConfigNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode());
        return new ConfigList(At(start), items);
    }

    private ConfigGroup ReadGroup()
    {
        var start = _parser.Consume<MappingStart>();
        var entries = new List<ConfigEntry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode();
            var value = ReadNode();
            if (key is ConfigText text)
                entries.Add(new ConfigEntry(text.Value, text.Position, value));
            else
                _problems.Add(key.Position.Problem("expected a key, got a list or a group"));
        }

        return new ConfigGroup(At(start.Start), entries);
    }

    private void RefuseDecorations(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
            _problems.Add(At(node.Start).Problem($"anchors such as &{node.Anchor.Value} are not allowed; write the value out"));
        if (!node.Tag.IsEmpty)
            _problems.Add(At(node.Start).Problem($"tags such as {node.Tag.Value} are not allowed"));
    }

    private ConfigPosition At(Mark mark) => _isFile ? new(_origin, (int)mark.Line, (int)mark.Column) : new(_origin, 0, 0);
}
