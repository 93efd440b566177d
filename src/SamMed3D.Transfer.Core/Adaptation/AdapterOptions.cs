namespace SamMed3D.Transfer;

/// <summary>
/// How little of a pretrained <see cref="ImageEncoder"/> learns: small new parts, or a few of its own parameters, while all others stay as they
/// are. The pretrained parameters keep their names. What learns wants a gradient, and nothing else does.
/// </summary>
public abstract record AdapterOptions
{
    private protected AdapterOptions()
    {
    }

    /// <summary>Whether a parameter is an adapter's own, so that no pretrained checkpoint has it.</summary>
    /// <param name="name">Its name in the encoder or in a model around it.</param>
    public static bool IsAdded(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Split('.').Any(part => part is "lora_a" or "lora_b" or "adapter" or "attn_adapter" or "mlp_adapter");
    }

    /// <summary>Whether a parameter of the encoder learns.</summary>
    /// <param name="name">Its name in the encoder.</param>
    public virtual bool Trains(string name) => IsAdded(name);

    /// <summary>These options, when they make sense.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public virtual AdapterOptions Validated() => this;

    /// <summary>Freezes what does not learn. For the constructor of an encoder, once its parts are registered.</summary>
    internal void Freeze(Module encoder)
    {
        foreach (var (name, parameter) in encoder.named_parameters())
            parameter.requires_grad = Trains(name);
    }
}
