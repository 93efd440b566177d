namespace SamMed3D.Transfer;

/// <summary>
/// Fresh weights come from torch's default generator, which belongs to the whole process: seeds it for the length of a scope, and puts it
/// back as it was.
/// </summary>
internal sealed class SeededGenerator : IDisposable
{
    private readonly Tensor _before = get_rng_state();

    public SeededGenerator(long seed) => random.manual_seed(seed);

    public void Dispose()
    {
        set_rng_state(_before);
        _before.Dispose();
    }
}
