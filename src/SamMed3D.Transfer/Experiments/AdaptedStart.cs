namespace SamMed3D.Transfer;

/// <summary>
/// A SAM-Med3D checkpoint of which little is to change: the start decides <see cref="EncoderOptions.Adapter"/>. Adapters that the file has already, as that of an
/// earlier run, are loaded too; others begin anew. Position tables of another grid are resized, which the load report lists.
/// </summary>
public abstract record AdaptedStart : FileStart
{
    private protected AdaptedStart() => Load = Load with { ResizePositions = true };

    /// <summary>What is to learn.</summary>
    internal abstract AdapterOptions Adaptation { get; }

    /// <inheritdoc/>
    public override BackboneOptions Fit(BackboneOptions backbone) => backbone is EncoderOptions encoder ? encoder with { Adapter = Adaptation } : backbone;

    /// <summary>The policy under which adapters that the file lacks are not asked for.</summary>
    internal override LoadPolicy PolicyFor(nn.Module model, IWeightSource source)
    {
        string encoder = EncoderField.Of(model)?.Prefix ?? "";
        bool IsLacking(string name) => !source.Tensors.Any(info => info.Name.EndsWith(name[encoder.Length..], StringComparison.Ordinal));
        return Load with
        {
            KeepInitial = [.. Load.KeepInitial, .. model.named_parameters().Select(entry => entry.name).Where(AdapterOptions.IsAdded).Where(IsLacking)],
        };
    }
}
