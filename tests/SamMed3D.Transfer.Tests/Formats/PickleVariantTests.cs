using System.Buffers.Binary;
using static SamMed3D.Transfer.Tests.HandMadePickle;

namespace SamMed3D.Transfer.Tests;

/// <summary>What checkpoints of other machines, versions and trainers hold.</summary>
public sealed class PickleVariantTests : IDisposable
{
    private static readonly float[] Values = [1.5f, -2, 3e7f];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("little")]
    [InlineData("big")]
    [InlineData(null)]
    public void The_byte_order_that_a_zip_file_states_is_obeyed(string? byteOrder)
    {
        WriteZip(Path, Dict(Item("w", Vector("FloatStorage", 3))), byteOrder == "big" ? BigEndian() : LittleEndian(), byteOrder);
        AssertReads("w");
    }

    [Fact]
    public void An_unknown_byte_order_is_refused()
    {
        WriteZip(Path, Dict(Item("w", Vector("FloatStorage", 3))), LittleEndian(), "middle");
        AssertRefused("byteorder is 'middle'");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_old_format_is_little_endian_whatever_machine_wrote_it(bool littleEndianMachine)
    {
        WriteLegacy(Path, Dict(Item("w", Vector("FloatStorage", 3, isOld: true))), LittleEndian(), 3, littleEndianMachine);
        AssertReads("w");
    }

    [Fact]
    public void Tensors_are_rebuilt_by_each_of_torchs_functions()
    {
        byte[] plain = Vector("FloatStorage", 3), sizes = Tuple(Number(3)), strides = Tuple(Number(1));
        byte[] hooks = Call(Global("collections", "OrderedDict"), Tuple());
        byte[] bytes = Storage(Global("torch.storage", "UntypedStorage"), 12);
        WriteZip(Path, Dict(
            Item("first", Call(Global("torch._utils", "_rebuild_tensor"), Tuple(Storage("FloatStorage", 3), Number(0), sizes, strides))),
            Item("second", plain),
            Item("third", Call(Global("torch._utils", "_rebuild_tensor_v3"), Tuple(bytes, Number(0), sizes, strides, False, hooks, Global("torch", "float32")))),
            Item("parameter", Call(Global("torch._utils", "_rebuild_parameter"), Tuple(plain, False, hooks))),
            Item("with state", Call(Global("torch._utils", "_rebuild_parameter_with_state"), Tuple(plain, False, hooks, Dict()))),
            Item("new parameter", Call(Global("torch.nn.parameter", "Parameter"), Tuple(plain, False), isNew: true)),
            Item("subclass", Call(Global("torch._tensor", "_rebuild_from_type_v2"), Tuple(
                Global("torch._utils", "_rebuild_tensor_v2"), Global("monai.data.meta_tensor", "MetaTensor"),
                Tuple(Storage("FloatStorage", 3), Number(0), sizes, strides, False, hooks), Dict())))), LittleEndian());
        AssertReads("first", "second", "third", "parameter", "with state", "new parameter", "subclass");
    }

    [Fact]
    public void A_type_that_is_not_known_is_refused_by_name()
    {
        byte[] bytes = Storage(Global("torch.storage", "UntypedStorage"), 12);
        byte[] hooks = Call(Global("collections", "OrderedDict"), Tuple());
        WriteZip(Path, Dict(Item("w", Call(Global("torch._utils", "_rebuild_tensor_v3"),
            Tuple(bytes, Number(0), Tuple(Number(12)), Tuple(Number(1)), False, hooks, Global("torch", "float8_e4m3fn"))))), LittleEndian());
        AssertRefused("'torch.float8_e4m3fn'");
    }

    [Fact]
    public void Objects_of_foreign_classes_beside_the_weights_are_inert()
    {
        WriteZip(Path, Dict(
            Item("args", [.. Call(Global("argparse", "Namespace"), Tuple(), isNew: true), .. Dict(Item("lr", Number(1))), (byte)'b']),
            Item("settings", Call(Global("project.config", "settings"), Tuple(), isNew: true)),
            Item("where", Call(Global("pathlib", "PosixPath"), Tuple(Text("/"), Text("data")))),
            Item("stage", Call(Global("trainer", "Stage"), Tuple(Number(2)))),
            Item("losses", Call(Global("collections", "deque"), Tuple(List(Number(1), Number(2)), Number(100)))),
            Item("names", List(Text("a"), Text("b"))),
            Item("model_state_dict", Dict(Item("w", Vector("FloatStorage", 3))))), LittleEndian());
        AssertReads("w");
    }

    [Theory]
    [InlineData("project.tools", "restore")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch.hub", "load")]
    [InlineData("os", "system")]
    [InlineData("builtins", "getattr")]
    public void A_function_is_never_called(string module, string name)
    {
        WriteZip(Path, Dict(Item("w", Vector("FloatStorage", 3)), Item("x", Call(Global(module, name), Tuple(Text("x"))))), LittleEndian());
        AssertRefused($"forbidden global '{module}.{name}'");
    }

    [Fact]
    public void A_whole_model_object_is_refused_with_what_to_do()
    {
        WriteZip(Path, Call(Global("project.net", "Net"), Tuple(), isNew: true), LittleEndian());
        AssertRefused("'project.net.Net'; save its state_dict()");
    }

    private string Path => _folder.File("made.pth");

    private static byte[] LittleEndian() => [.. Values.SelectMany(BitConverter.GetBytes)];

    private static byte[] BigEndian() => [.. Values.SelectMany(value =>
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleBigEndian(bytes, value);
        return bytes;
    })];

    private void AssertReads(params string[] names)
    {
        using var checkpoint = Checkpoint.Open(Path);
        Assert.Equal(names, checkpoint.Tensors.Select(info => info.Name));
        foreach (string name in names)
        {
            using var tensor = checkpoint.Read(name);
            Assert.Equal(Values, tensor.data<float>().ToArray());
        }
    }

    private void AssertRefused(string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(Path).Dispose()).Message;
        Assert.StartsWith(Path, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }
}
