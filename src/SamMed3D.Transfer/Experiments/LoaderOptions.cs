namespace SamMed3D.Transfer;

/// <summary>What <see cref="DataOptions"/> and <see cref="TargetDataOptions"/> both say about the way from disk to batches.</summary>
internal static class LoaderOptions
{
    /// <exception cref="ArgumentException">They make no sense.</exception>
    public static void Require(string? cache, int workers, int prefetch)
    {
        if (cache is not null && string.IsNullOrWhiteSpace(cache))
            throw new ArgumentException("Cache is empty; give a folder, or null for none.", nameof(cache));
        if (workers is < 0 or > 64)
            throw new ArgumentException($"Workers is {workers}; expected 0 to 64.", nameof(workers));
        if (prefetch is < 1 or > 1024)
            throw new ArgumentException($"Prefetch is {prefetch}; expected 1 to 1024.", nameof(prefetch));
    }
}
