namespace SamMed3D.Transfer.Tests;

public sealed class DamagedVolumeTests : IDisposable
{
    private const int Seed = 6, Rounds = 60;
    private const long Limit = 16 << 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Cases() =>
    [
        "ok/dtype_int16.nii", "ok/ext_two.nii.gz", "ok/dim_4d.nii.gz",
        "nrrd_meta/lps_raw.nrrd", "nrrd_meta/lps_gzip_oblique.nrrd", "nrrd_meta/ascii_uchar.nrrd", "nrrd_meta/key_values.nrrd",
        "nrrd_meta/detached.nhdr", "nrrd_meta/detached_gz_skip.nhdr", "nrrd_meta/spacings_only.nrrd",
        "nrrd_meta/local.mha", "nrrd_meta/compressed.mha", "nrrd_meta/detached_zraw.mhd", "nrrd_meta/header_minus1.mhd", "nrrd_meta/msb.mha",
    ];

    /// <summary>Damage either goes unnoticed (a voxel, a comment) or is refused with the path, in one line, and never takes much memory.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void A_damaged_file_is_read_or_refused_with_its_path_and_little_memory(string name)
    {
        byte[] whole = File.ReadAllBytes(Repository.Golden("nifti/" + name));
        foreach (string data in (string[])["detached.raw", "detached_skip.raw", "detached_meta.zraw", "with_prefix.raw"])
            File.Copy(Repository.Golden("nifti/nrrd_meta/" + data), _folder.File(data));
        var random = new Random(Seed);
        string path = _folder.File("damaged" + Path.GetExtension(name));
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = Damage(whole, random);
            File.WriteAllBytes(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using Volume volume = VolumeSource.Open(path).ReadVolume(Limit);
            }
            catch (InvalidDataException error)
            {
                refused++;
                Assert.Contains(_folder.Root, error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
            }
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 * Limit, $"round {round} took too much memory");
        }
        Assert.True(refused > 0);
    }

    /// <summary>Mostly the header, where damage means something.</summary>
    private static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = whole;
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Length > 1; changes--)
        {
            int at = random.Next(random.Next(4) == 0 ? bytes.Length : Math.Min(bytes.Length, 400));
            byte[][] pieces = ["9"u8.ToArray(), "-"u8.ToArray(), "99999999"u8.ToArray(), "1e300"u8.ToArray(), "nan"u8.ToArray(), ":"u8.ToArray(), "="u8.ToArray(), "\n"u8.ToArray(), "("u8.ToArray(), "none "u8.ToArray(), []];
            bytes = random.Next(3) == 0
                ? Mutation.OfBytes(bytes, random)
                : [.. bytes[..at], .. pieces[random.Next(pieces.Length)], .. bytes[Math.Min(bytes.Length, at + random.Next(3))..]];
        }
        return bytes;
    }
}
