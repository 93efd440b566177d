using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>The relative-position bias alone, in both forms (golden cases `encoder3d/g_*`).</summary>
public sealed class RelativePositionParity : ParityCheck
{
    /// <inheritdoc/>
    public override bool Recognises(string folder, JsonElement description) =>
        description.TryGetProperty("config", out var config) && config.TryGetProperty("table_rows", out _)
        && config.TryGetProperty("head_dim", out _);

    /// <inheritdoc/>
    public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options)
    {
        using var scope = NewDisposeScope();
        var stored = SafetensorsFile.ReadAll(Path.Combine(folder, "io.safetensors"));
        Size3 grid = description.GetProperty("config").GetProperty("grid").GetInt32();
        Tensor Given(string name) => stored[name].to(options.Precision, options.Device);
        Tensor Rows(string table) => RelativePositionBias.Rows(Given(table), grid.X, grid.X);
        Tensor[] tables = [Rows("rel_pos_d"), Rows("rel_pos_h"), Rows("rel_pos_w")];
        var queries = Given("q").unsqueeze(1);                       // [M, 1 head, tokens, K]
        Tensor Bias(RelativePosition form) =>
            RelativePositionBias.Compute(form, queries, null, tables, tables[2], grid, grid).squeeze(1);
        ParityQuantity Compare(string name, Tensor mine) =>
            ParityTensors.Compare(name, mine, stored[name], ParityTensors.Describe(description, "io.safetensors", name));
        return
        [
            Compare("table_d", tables[0]),
            Compare("table_h", tables[1]),
            Compare("table_w", tables[2]),
            Compare("bias_reference", Bias(RelativePosition.Published)),
            Compare("bias_proper", Bias(RelativePosition.Decomposed)),
        ];
    }
}
