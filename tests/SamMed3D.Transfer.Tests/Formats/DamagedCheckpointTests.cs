namespace SamMed3D.Transfer.Tests;

/// <summary>Files damaged at random, over 20,000 of them with fixed seeds, are read or refused in one clear line; nothing else ever happens.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private const int CopiesPerFile = 2_000;

    // What a file of a few kilobytes may cost.
    private const long MostManagedBytes = 1L << 20, MostTensorBytes = 16L << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("damaged").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sam3d_tiny/bad/good.pth")]
    [InlineData("sam3d_tiny/bad/crafted_good.pth")]
    [InlineData("sam3d_tiny/bad/good.safetensors")]
    [InlineData("sam3d_tiny/views/views_legacy.pth")]
    [InlineData("sam3d_tiny/views/views_torch2_layout.pth")]
    [InlineData("sam3d_tiny/views/views_deflated.pth")]
    public void Damaged_bytes_are_harmless_or_refused_clearly(string golden) => Damage(golden, Mutation.OfBytes);

    [Theory]
    [InlineData("sam3d_tiny/bad/good.pth")]
    [InlineData("sam3d_tiny/bad/crafted_good.pth")]
    [InlineData("sam3d_tiny/views/numpy_values.pth")]
    [InlineData("sam3d_tiny/views/views_proto4.pth")]
    public void A_damaged_pickle_with_good_checksums_is_harmless_or_refused_clearly(string golden) => Damage(golden, Mutation.OfPickle);

    [Theory]
    [InlineData("sam3d_tiny/bad/good.safetensors")]
    [InlineData("sam3d_tiny/views/expected.safetensors")]
    public void A_damaged_safetensors_header_is_harmless_or_refused_clearly(string golden) => Damage(golden, Mutation.OfHeader);

    private void Damage(string golden, Func<byte[], Random, byte[]> mutate)
    {
        byte[] whole = File.ReadAllBytes(Repository.Golden(golden));
        string path = Path.Combine(_folder, "damaged");
        var refusals = 0;
        for (var copy = 0; copy < CopiesPerFile; copy++)
        {
            File.WriteAllBytes(path, mutate(whole, new Random(copy)));
            try
            {
                if (IsRefused(path))
                    refusals++;
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"{golden} damaged by {mutate.Method.Name} with seed {copy}: {problem.Message}", problem);
            }
        }

        Assert.InRange(refusals, CopiesPerFile / 4, CopiesPerFile);
    }

    private static bool IsRefused(string path)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var checkpoint = Checkpoint.Open(path);
            Assert.InRange(CheckpointDescription.Of(checkpoint).ByteCount, 0, MostTensorBytes);
            foreach (var info in checkpoint.Tensors)
                checkpoint.Read(info.Name).Dispose();
            return false;
        }
        catch (InvalidDataException refusal)
        {
            Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refusal.Message);
            return true;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MostManagedBytes);
        }
    }
}
