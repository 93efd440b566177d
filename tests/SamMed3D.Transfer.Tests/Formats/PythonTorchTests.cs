using static SamMed3D.Transfer.Tests.HandMadePickle;

namespace SamMed3D.Transfer.Tests;

/// <summary>Python's torch and this library read each other's files, where Python's torch is installed.</summary>
public sealed class PythonTorchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Python_reads_what_we_write_with_weights_only()
    {
        using var scope = NewDisposeScope();
        string path = _folder.File("ours.pth"), bare = _folder.File("bare.pth");
        var tensors = new Dictionary<string, Tensor>();
        foreach (var type in new[]
                 {
                     ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
                     ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
                 })
            tensors.Add($"of.{type}", (arange(300) - 2).reshape(3, 100).to(type));
        tensors.Add("empty", zeros(0, 4));
        tensors.Add("scalar", tensor(2.5f));
        tensors.Add("transposed", arange(6f).reshape(2, 3).t());
        tensors.Add("Größe", tensor(float.NaN));
        var manifest = new CheckpointManifest { Model = UnetrOptions.ForSamMed3D(classes: 2) };
        PyTorchCheckpoint.Save(path, tensors, metadata: manifest.ToMetadata());
        PyTorchCheckpoint.Save(bare, tensors, section: null);

        string expected = PythonTorch.Expected(new MemoryWeights(tensors));
        Assert.Equal(expected + manifest.ToYaml(), PythonTorch.Run(
            "c = torch.load(sys.argv[1], weights_only=True)\ndescribe(c['model_state_dict'])\nprint(c['sammed3d_manifest'], end='')", path));
        Assert.Equal(expected, PythonTorch.Run("describe(torch.load(sys.argv[1], weights_only=True))", bare));
    }

    [SkippableTheory]
    [InlineData("True")]
    [InlineData("False")]
    public void We_read_what_Python_writes(string isZip)
    {
        string path = _folder.File("theirs.pth");
        string described = PythonTorch.Run("""
            base = torch.arange(84, dtype=torch.float32).reshape(6, 7, 2)
            tensors = collections.OrderedDict((str(t)[6:], (torch.arange(12) - 3).reshape(3, 4).to(t)) for t in (
                torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool))
            tensors.update(base=base, rows=base[2:5], strided=base[::2, 1::3], transposed=base.permute(2, 0, 1), expanded=torch.ones(3, 1).expand(3, 5),
                           empty=torch.zeros(0, 4), scalar=torch.tensor(2.5), parameter=torch.nn.Parameter(torch.ones(2, 2)))
            optimizer = torch.optim.AdamW([tensors['parameter']], lr=1e-3)
            tensors['parameter'].sum().backward(); optimizer.step()
            torch.save(dict(args=argparse.Namespace(lr=0.1, device=torch.device('cpu')), losses=[1.0, 2.0], queue=collections.deque([1], 5),
                            optimizer=optimizer.state_dict(), model_state_dict=tensors, epoch=3, dtype=torch.float32),
                       sys.argv[1], _use_new_zipfile_serialization=sys.argv[2] == 'True')
            describe(tensors)
            """, path, isZip);
        using var checkpoint = PyTorchCheckpoint.Open(path);
        Assert.Equal("model_state_dict", checkpoint.Section);
        Assert.Equal(described, PythonTorch.Expected(checkpoint));
        using var whole = PyTorchCheckpoint.Open(path, wholeFile: true);
        Assert.Contains(whole.Tensors, info => info.Name == "optimizer/state/0/exp_avg");
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_old_file_of_a_big_endian_machine_is_read_as_Python_reads_it(bool littleEndianMachine)
    {
        string path = _folder.File("legacy.pth");
        byte[] values = [.. new[] { 1.5f, -2, 3e7f }.SelectMany(BitConverter.GetBytes)];
        WriteLegacy(path, Dict(Item("w", Vector("FloatStorage", 3, isOld: true))), values, 3, littleEndianMachine);
        using var checkpoint = Checkpoint.Open(path);
        Assert.Equal(PythonTorch.Run("describe(torch.load(sys.argv[1]))", path), PythonTorch.Expected(checkpoint));
    }
}
