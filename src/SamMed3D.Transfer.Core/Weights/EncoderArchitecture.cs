using System.Globalization;

namespace SamMed3D.Transfer;

/// <summary>What the shapes of a checkpoint tell about its encoder. What they do not tell is null.</summary>
public sealed record EncoderArchitecture
{
    /// <summary>Channels of a token.</summary>
    public int? EmbeddingWidth { get; init; }

    /// <summary>Transformer blocks.</summary>
    public int? BlockCount { get; init; }

    /// <summary>Attention heads of a block.</summary>
    public int? HeadCount { get; init; }

    /// <summary>Edge of a patch, in voxels or pixels.</summary>
    public int? PatchSize { get; init; }

    /// <summary>Channels of the input.</summary>
    public int? InputChannels { get; init; }

    /// <summary>Tokens along each axis; one number, their product, where the table is flat.</summary>
    public IReadOnlyList<long>? Grid { get; init; }

    /// <summary>Edge of the attention windows, in tokens.</summary>
    public int? WindowSize { get; init; }

    /// <summary>Blocks that attend over the whole grid, counted from 0.</summary>
    public IReadOnlyList<int>? GlobalBlocks { get; init; }

    /// <summary>SAM's name of a size: "vit_b", "vit_l" or "vit_h"; null for another one.</summary>
    public string? SamSize => (EmbeddingWidth, BlockCount) switch
    {
        (768, 12) => "vit_b",
        (1024, 24) => "vit_l",
        (1280, 32) => "vit_h",
        _ => null,
    };

    /// <summary>One line, such as "width 768, 12 blocks, 12 heads, patch 16, window 14, global blocks 2 5 8 11, grid 8 x 8 x 8, 1 input channel".</summary>
    public override string ToString()
    {
        string?[] facts =
        [
            Said("width {0}", EmbeddingWidth), Said("{0} blocks", BlockCount), Said("{0} heads", HeadCount), Said("patch {0}", PatchSize),
            Said("window {0}", WindowSize),
            GlobalBlocks is { Count: > 0 } ? $"global blocks {string.Join(' ', GlobalBlocks)}" : null,
            Grid is null ? null : Grid.Count == 1 ? $"{Grid[0]} tokens" : $"grid {string.Join(" x ", Grid)}",
            Said(InputChannels == 1 ? "{0} input channel" : "{0} input channels", InputChannels),
        ];
        return string.Join(", ", facts.OfType<string>());
    }

    /// <summary>Reads it from the keys below a prefix, in SAM's or in MONAI's naming.</summary>
    internal static EncoderArchitecture Of(IReadOnlyDictionary<string, WeightInfo> tensors, string prefix)
    {
        IReadOnlyList<long>? Shape(string name) => tensors.GetValueOrDefault(prefix + name)?.Shape;
        var patch = new[] { Shape("patch_embed.proj.weight"), Shape("patch_embedding.patch_embeddings.weight") }.FirstOrDefault(shape => shape is { Count: > 2 });
        var positions = Shape("pos_embed") ?? Shape("patch_embedding.position_embeddings");
        var grid = positions is null ? null : positions.Skip(1).SkipLast(1).ToArray();
        var linear = Shape("patch_embedding.patch_embeddings.1.weight");
        // A perceptron's weights are [E, P·P·P·C], so another layer must tell C: the first of a UNETR's decoder.
        long? channels = patch?[1] ?? tensors.GetValueOrDefault("encoder1.layer.conv1.conv.weight")?.Shape[1];
        int? width = (int?)(patch?[0] ?? positions?[^1]);
        var tables = RelativeTables(tensors, prefix);
        var (window, global) = Windows(tables, grid);
        return new EncoderArchitecture
        {
            EmbeddingWidth = width,
            BlockCount = BlocksOf(tensors, prefix),
            HeadCount = tables.Count > 0 && width is not null && tables[0].Shape[1] > 0 ? (int)(width.Value / tables[0].Shape[1]) : null,
            PatchSize = (int?)(patch?[^1] ?? PerceptronPatch(linear, channels)),
            InputChannels = (int?)channels,
            Grid = grid,
            WindowSize = window,
            GlobalBlocks = global,
        };
    }

    private static long? PerceptronPatch(IReadOnlyList<long>? shape, long? channels)
    {
        if (shape is not [_, var inputs] || channels is not > 0)
            return null;
        var edge = (long)Math.Round(Math.Cbrt((double)inputs / channels.Value));
        return edge * edge * edge * channels.Value == inputs ? edge : null;
    }

    private static string? Said(string format, int? number) =>
        number is null ? null : string.Format(CultureInfo.InvariantCulture, format, number);

    /// <summary>The highest number of a block, plus one.</summary>
    private static int? BlocksOf(IReadOnlyDictionary<string, WeightInfo> tensors, string prefix)
    {
        int highest = tensors.Keys.Select(key => Block(key, prefix) ?? -1).DefaultIfEmpty(-1).Max();
        return highest < 0 ? null : highest + 1;
    }

    private static int? Block(string key, string prefix)
    {
        string start = prefix + "blocks.";
        if (!key.StartsWith(start, StringComparison.Ordinal))
            return null;
        int end = key.IndexOf('.', start.Length);
        return end > 0 && int.TryParse(key.AsSpan(start.Length, end - start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int block)
            ? block
            : null;
    }

    private static List<(int Block, IReadOnlyList<long> Shape)> RelativeTables(IReadOnlyDictionary<string, WeightInfo> tensors, string prefix) =>
    [
        .. tensors.Where(pair => pair.Key.EndsWith(".attn.rel_pos_h", StringComparison.Ordinal) && pair.Value.Shape.Count == 2)
            .Select(pair => (Block: Block(pair.Key, prefix), pair.Value.Shape))
            .Where(table => table.Block is not null)
            .Select(table => (table.Block!.Value, table.Shape))
            .OrderBy(table => table.Value),
    ];

    /// <summary>A table has 2L - 1 rows, L the window, or the grid in a global block. Where both lengths occur, the grid tells which is which.</summary>
    private static (int? Window, IReadOnlyList<int>? Global) Windows(List<(int Block, IReadOnlyList<long> Shape)> tables, IReadOnlyList<long>? grid)
    {
        var byLength = tables.GroupBy(table => (int)(table.Shape[0] + 1) / 2).OrderByDescending(group => group.Count()).ToList();
        var global = byLength.Find(group => grid is { Count: > 1 } && group.Key == grid[^2]);
        if (byLength.Count != 2 || global is null)
            return (null, null);
        return (byLength.Find(group => group != global)!.Key, [.. global.Select(table => table.Block)]);
    }
}
