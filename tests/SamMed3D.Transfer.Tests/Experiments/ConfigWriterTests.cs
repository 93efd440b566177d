namespace SamMed3D.Transfer.Tests;

public class ConfigWriterTests
{
    private static string Write(Sample sample) => new ConfigWriter(ConfigFileTests.Schema).Write(sample);

    private static Sample Read(string text) => ConfigFile.Read<Sample>(text, "run.yaml", [], ConfigFileTests.Schema);

    [Fact]
    public void Every_default_is_written_out() =>
        Assert.Equal(
            """
            name: x
            seed: 1
            share: 0.5
            small: 1E-05
            isOn: true
            limit: null
            flavour: plain
            size: 16
            taps: [2, 5, {block: 8, isNormalized: true}]
            flavours: []
            parts: []
            nested:
              steps: 100
              every: 5
              note: null
            shape:
              kind: ball
              edge: 4
              radius: 1.5
            other: null

            """.ReplaceLineEndings("\n"),
            Write(new Sample { Name = "x" }));

    [Fact]
    public void What_was_read_is_written_so_that_it_reads_to_an_equal_record()
    {
        var first = Read("""
            name: "true"
            share: 0.30000000000000004
            small: 0.1
            flavour: deep-fried
            size: [48, 64, 48]
            taps: [3, {block: 11, isNormalized: true}]
            flavours: [plain]
            parts: [{steps: 7, note: "line\nbreak: \"#é😀"}, {}]
            shape: {kind: brick, extents: 5}
            other: {kind: no-extent}
            """);
        var second = Read(Write(first));
        Assert.Equal(first, second);
        Assert.Equal(Write(first), Write(second));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("1e5")]
    [InlineData("off")]
    [InlineData(" spaced ")]
    [InlineData("- dash")]
    [InlineData("a: b # c")]
    [InlineData("C:\\data\t\u0001\u2028\ufeff")]
    [InlineData("../shared/data-1/x_y.nii.gz")]
    [InlineData("'single' \"double\"")]
    [InlineData("2026-01-01")]
    [InlineData("*alias")]
    public void Any_text_survives(string text) => Assert.Equal(text, Read(Write(new Sample { Name = text })).Name);

    [Fact]
    public void A_record_of_no_known_kind_cannot_be_written() =>
        Assert.Throws<NotSupportedException>(() => new ConfigWriter(new ConfigSchema().Add<Shape, Ball>("ball")).Write(
            new Sample { Name = "x", Shape = new Point() }));
}
