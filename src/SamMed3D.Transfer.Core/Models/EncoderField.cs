namespace SamMed3D.Transfer;

/// <summary>Where a module keeps its encoder.</summary>
/// <param name="Prefix">What the names of the encoder's parameters start with: the field with a dot, or nothing where the module is the encoder.</param>
/// <param name="Encoder">The encoder.</param>
internal sealed record EncoderField(string Prefix, Backbone Encoder)
{
    /// <summary>The one encoder of a module, or the module itself; null when it has none or several.</summary>
    public static EncoderField? Of(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (module is Backbone itself)
            return new("", itself);
        var fields = module.named_children().Where(child => child.module is Backbone).ToList();
        return fields is [var (name, encoder)] ? new(name + ".", (Backbone)encoder) : null;
    }
}
