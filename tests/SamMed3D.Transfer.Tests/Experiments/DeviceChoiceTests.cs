namespace SamMed3D.Transfer.Tests;

public class DeviceChoiceTests
{
    [Theory]
    [InlineData("auto", "auto")]
    [InlineData("cpu", "cpu")]
    [InlineData("cuda", "cuda:0")]
    [InlineData("cuda:3", "cuda:3")]
    public void A_choice_is_written_as_it_reads(string text, string written)
    {
        Assert.Equal(written, DeviceChoice.Parse(text).ToString());
        Assert.Equal(DeviceChoice.Parse(text), DeviceChoice.Parse(written));
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda: 1")]
    [InlineData("CPU")]
    [InlineData("")]
    public void Other_texts_are_refused(string text) => Assert.Throws<ArgumentException>(() => DeviceChoice.Parse(text));

    [Fact]
    public void The_cpu_is_always_there() => Assert.Equal(DeviceType.CPU, DeviceChoice.Parse("cpu").Resolve().type);

    [SkippableFact]
    public void A_missing_card_says_what_to_do()
    {
        Skip.If(cuda.is_available(), "this machine has CUDA");
        Assert.Equal(DeviceType.CPU, DeviceChoice.Auto.Resolve().type);
        Assert.Contains("-p:TorchBackend=cuda", Assert.Throws<InvalidOperationException>(() => DeviceChoice.Parse("cuda").Resolve()).Message, StringComparison.Ordinal);
    }
}
