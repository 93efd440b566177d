namespace SamMed3D.Transfer.Tests;

/// <summary>Patches of 8^3 voxels: noise with a bright cube of 4^3 voxels at a random place; the cube is the foreground.</summary>
internal sealed class CubeBatches(int batchSize = 2) : IBatchSource
{
    public List<long> Asked { get; } = [];

    /// <summary>Changes a batch before it is given away.</summary>
    public Action<long, TrainingBatch>? Spoil { get; init; }

    public TrainingBatch BatchAt(long stepIndex)
    {
        Asked.Add(stepIndex);
        var random = new Random((int)stepIndex);
        using var generator = new Generator((ulong)stepIndex);
        var images = randn([batchSize, 1, 8, 8, 8], generator: generator).mul_(0.1);
        var labels = zeros([batchSize, 1, 8, 8, 8], ScalarType.Int64);
        for (int i = 0; i < batchSize; i++)
        {
            using var scope = NewDisposeScope();
            long x = random.Next(5), y = random.Next(5), z = random.Next(5);
            labels[i].narrow(1, x, 4).narrow(2, y, 4).narrow(3, z, 4).fill_(1);
        }

        using (var bright = labels.to(ScalarType.Float32))
            images.add_(bright);
        var batch = new TrainingBatch(images, labels, [.. Enumerable.Range(0, batchSize).Select(i => $"case{stepIndex}_{i}")]);
        Spoil?.Invoke(stepIndex, batch);
        return batch;
    }
}
