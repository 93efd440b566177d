using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>A checkpoint for people and for programs.</summary>
internal static class CheckpointText
{
    public static void Write(Terminal terminal, Checkpoint checkpoint, bool isEveryTensorListed)
    {
        var description = CheckpointDescription.Of(checkpoint);
        Line("file", checkpoint.Origin);
        Line("format", checkpoint.Container + (description.Section is { } section ? $", state dict under '{section}'" : ""));
        var basis = checkpoint.Manifest?.Base;
        Line("model", basis is null ? $"{description.Family.Name}: {description.Family.Reason}"
            : $"what learned alone, of a model that is otherwise as {basis.Name} has it");
        if (description.Family.Architecture is { } architecture)
            Line("encoder", architecture.ToString());
        if (description.Family.Pattern?.IsPlanar == true)
            Line("use", "a 2D checkpoint: a 3D model needs it inflated; it cannot be loaded directly");
        if (basis is not null)
            Line("use", $"'sammed3d convert {checkpoint.Origin} whole.safetensors --base {basis.Name}' makes it whole; the file must have sha256 {basis.Sha256}");
        Line("sha256", checkpoint.Sha256);
        Line("tensors", Count(checkpoint.Tensors.Count));
        Line("elements", string.Create(CultureInfo.InvariantCulture, $"{description.ParameterCount:N0} ({description.ByteCount / 1e6:N1} MB)"));
        Line("types", string.Join(", ", description.TypeCounts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} ({pair.Value})")));
        if (checkpoint.Manifest is { } manifest)
            foreach (var (name, text) in ManifestText.Lines(manifest))
                Line(name, text);
        terminal.Line();
        if (isEveryTensorListed)
            WriteTensors(terminal, checkpoint.Tensors);
        else
            WriteGroups(terminal, checkpoint.Tensors);

        void Line(string name, string text) => terminal.Line($"{name,-13}{text}");
    }

    public static void WriteJson(Terminal terminal, Checkpoint checkpoint)
    {
        var description = CheckpointDescription.Of(checkpoint);
        JsonOutput.Write(terminal, new
        {
            file = checkpoint.Origin,
            kind = "checkpoint",
            format = checkpoint.Container,
            section = description.Section,
            model = description.Family.Name,
            family = description.Family.Family.ToString(),
            reason = description.Family.Reason,
            encoder = description.Family.Architecture,
            isPlanar = description.Family.Pattern?.IsPlanar,
            sha256 = checkpoint.Sha256,
            elements = description.ParameterCount,
            bytes = description.ByteCount,
            manifest = ManifestText.Json(checkpoint.Manifest),
            tensors = checkpoint.Tensors.Select(info => new { name = info.Name, shape = info.Shape, type = info.DType.ToString() }),
        });
    }

    private static void WriteTensors(Terminal terminal, IReadOnlyList<WeightInfo> tensors)
    {
        var table = new TextTable("tensor", "shape", "type");
        foreach (var info in tensors)
            table.Add(info.Name, $"[{string.Join(", ", info.Shape)}]", info.DType.ToString());
        table.Write(terminal);
    }

    /// <summary>A row for each of the first two parts of the names, such as "image_encoder.blocks".</summary>
    private static void WriteGroups(Terminal terminal, IReadOnlyList<WeightInfo> tensors)
    {
        var table = new TextTable("group", "tensors", "elements");
        foreach (var group in tensors.GroupBy(info => string.Join('.', info.Name.Split('.')[..^1].Take(2))))
            table.Add(group.Key.Length == 0 ? "(top level)" : group.Key, Count(group.Count()), Count(group.Sum(Elements)));
        table.Write(terminal);
        terminal.Line();
        terminal.Line("--all lists every tensor.");
    }

    private static long Elements(WeightInfo info) => info.Shape.Aggregate(1L, (product, extent) => product * extent);

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
