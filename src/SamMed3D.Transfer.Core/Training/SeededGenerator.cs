namespace SamMed3D.Transfer;

/// <summary>
/// Fresh weights and dropout come from torch's default generator, which belongs to the whole process: seeds it for the length of a scope, and puts it
/// back as it was (that of the CPU; a GPU's keeps the seed).
/// </summary>
internal sealed class SeededGenerator : IDisposable
{
    private readonly Tensor _before = get_rng_state().DetachFromDisposeScope();

#pragma warning disable RS0030 // Layers take no generator of their own; this is the one place that seeds, and it takes it back.
    public SeededGenerator(long seed) => random.manual_seed(seed);
#pragma warning restore RS0030

    public void Dispose()
    {
        set_rng_state(_before);
        _before.Dispose();
    }
}
