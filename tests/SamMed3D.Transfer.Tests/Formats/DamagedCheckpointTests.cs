namespace SamMed3D.Transfer.Tests;

/// <summary>Files damaged at random (fixed seeds) are read or refused in one clear line; nothing else ever happens.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private const int CopiesPerFile = 150;
    private readonly string _folder = Directory.CreateTempSubdirectory("damaged").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sam3d_tiny/bad/good.pth")]
    [InlineData("sam3d_tiny/bad/crafted_good.pth")]
    [InlineData("sam3d_tiny/bad/good.safetensors")]
    [InlineData("sam3d_tiny/views/numpy_values.pth")]
    [InlineData("sam3d_tiny/views/views_legacy.pth")]
    [InlineData("sam3d_tiny/views/views_proto4.pth")]
    [InlineData("sam3d_tiny/views/views_deflated.pth")]
    public void Damage_is_either_harmless_or_refused_clearly(string golden)
    {
        byte[] whole = File.ReadAllBytes(Repository.Golden(golden));
        string path = Path.Combine(_folder, "damaged");
        var random = new Random(20260101);
        var refusals = 0;
        for (var copy = 0; copy < CopiesPerFile; copy++)
        {
            File.WriteAllBytes(path, Damage(whole, random));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var checkpoint = Checkpoint.Open(path);
                foreach (var info in checkpoint.Tensors)
                    checkpoint.Read(info.Name).Dispose();
            }
            catch (InvalidDataException refusal)
            {
                refusals++;
                Assert.StartsWith(path, refusal.Message);
                Assert.DoesNotContain('\n', refusal.Message);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 16 << 20);
        }

        Assert.InRange(refusals, CopiesPerFile / 4, CopiesPerFile);
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        switch (random.Next(4))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                int from = random.Next(bytes.Length), count = random.Next(1, 64);
                return [.. bytes[..from], .. bytes[Math.Min(bytes.Length, from + count)..]];
            default:
                for (int flips = random.Next(1, 6); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
        }
    }
}
