namespace SamMed3D.Transfer;

/// <summary>Where a value stands: a place in a file, or (line 0) an override.</summary>
internal readonly record struct ConfigPosition(string Origin, int Line, int Column)
{
    public ExperimentProblem Problem(string message) => new(Origin, Line, Column, message);
}

/// <summary>A value of a YAML file with its place.</summary>
internal abstract record ConfigNode(ConfigPosition Position);

/// <summary>A scalar. <paramref name="IsPlain"/>: written without quotes, so that <c>5</c> is a number and <c>"5"</c> is text.</summary>
internal sealed record ConfigText(ConfigPosition Position, string Value, bool IsPlain) : ConfigNode(Position)
{
    /// <summary>Whether this is YAML's null: <c>null</c>, <c>~</c> or nothing.</summary>
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A sequence.</summary>
internal sealed record ConfigList(ConfigPosition Position, List<ConfigNode> Items) : ConfigNode(Position);

/// <summary>A key of a mapping with its value.</summary>
internal sealed record ConfigEntry(string Key, ConfigPosition Position, ConfigNode Value);

/// <summary>A mapping; duplicate keys are kept, for the binder to report.</summary>
internal sealed record ConfigGroup(ConfigPosition Position, List<ConfigEntry> Entries) : ConfigNode(Position);
