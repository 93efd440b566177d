using System.Text.Json;
using SamMed3D.Transfer.Cli;

namespace SamMed3D.Transfer.Tests;

public sealed class ParityCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Takes cases that have "quantities": their errors, all with tolerance 1.</summary>
    private sealed class ListedErrors : ParityCheck
    {
        public override bool Recognises(string folder, JsonElement description) => description.TryGetProperty("errors", out _);

        public override IEnumerable<ParityQuantity> Run(string folder, JsonElement description, ParityOptions options) =>
            description.GetProperty("errors").EnumerateArray().Select((error, index) => error.ValueKind == JsonValueKind.Number
                ? new ParityQuantity($"q{index}", error.GetDouble(), 1)
                : error.ValueKind == JsonValueKind.Null ? new ParityQuantity($"q{index}", double.NaN, 1, "gave NaN")
                : throw new IOException("disk gone"));
    }

    private IReadOnlyList<ParityCase> Cases() => [.. ParityRun.Run(_folder.Root, new ParityOptions(), [new ListedErrors()])];

    [Fact]
    public void Every_case_at_every_depth_is_run_in_the_order_of_names()
    {
        _folder.Write("b/config.json", """{"errors": [0.5, 0.9, 0]}""");
        _folder.Write("a/x/expected.json", """{"errors": [0]}""");
        _folder.Write("b/deeper/config.json", """{"something": 1}""");
        var cases = Cases();
        Assert.Equal(["a/x", "b", "b/deeper"], cases.Select(one => one.Name));
        Assert.Equal([true, true, false], cases.Select(one => one.Passed));
        Assert.Equal([true, true, false], cases.Select(one => one.IsCovered));
        Assert.Equal("q1", cases[1].Worst!.Quantity);
    }

    [Theory]
    [InlineData("""{"errors": [0, 1.1]}""", "q1")]
    [InlineData("""{"errors": [0.9, null]}""", "q1")]
    [InlineData("""{"errors": [0, "x"]}""", "run")]
    [InlineData("""{"errors": [""", "config.json")]
    public void A_case_that_differs_or_cannot_run_fails(string description, string worst)
    {
        _folder.Write("config.json", description);
        var failed = Assert.Single(Cases());
        Assert.False(failed.Passed);
        Assert.True(failed.IsCovered);
        Assert.Equal(worst, failed.Worst!.Quantity);
        Assert.Equal(Path.GetFileName(_folder.Root), failed.Name);
    }

    [Fact]
    public void A_case_with_nothing_to_compare_has_not_passed()
    {
        _folder.Write("config.json", """{"errors": []}""");
        Assert.False(Assert.Single(Cases()).Passed);
    }

    [Theory]
    [InlineData("[1, 2]")]
    [InlineData("5")]
    public void A_json_file_of_another_form_is_no_case(string description)
    {
        _folder.Write("config.json", description);
        Assert.False(Assert.Single(Cases()).IsCovered);
    }

    [Fact]
    public void A_description_written_by_python_may_hold_NaN()
    {
        _folder.Write("config.json", """{"errors": [0.5], "max_abs": NaN, "low": -Infinity}""");
        Assert.True(Assert.Single(Cases()).Passed);
    }

    [Fact]
    public void The_golden_losses_of_this_repository_pass_and_are_counted_last()
    {
        var result = CommandLine.Run("parity", Repository.Golden("losses"), "--threads", "1");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Matches(@"^losses: \d+ quantities, largest error \S+ of \S+ allowed \(.+\), passed$", result.OutLines[0]);
        Assert.Equal("1 passed, 0 failed", result.OutLines[^1]);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void A_failed_case_shows_what_failed_and_ends_with_1()
    {
        // A copy in which one expected file is missing cannot pass.
        foreach (string file in Directory.GetFiles(Repository.Golden("losses")).Where(file => !file.EndsWith("binary_mixed.safetensors", StringComparison.Ordinal)))
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        _folder.Write("other/config.json", "{}");
        var result = CommandLine.Run("parity", _folder.Root);
        Assert.Equal(ExitCode.Failure, result.ExitCode);
        Assert.EndsWith("FAILED", result.OutLines[0], StringComparison.Ordinal);
        Assert.Contains("binary_mixed", result.OutLines[1], StringComparison.Ordinal);
        Assert.Equal("other: skipped: no check for this kind of case", result.OutLines[^2]);
        Assert.Equal("0 passed, 1 failed", result.OutLines[^1]);
    }

    [Fact]
    public void Nothing_to_check_is_a_failure_that_says_so()
    {
        var empty = CommandLine.Run("parity", _folder.Root);
        Assert.Equal(ExitCode.Failure, empty.ExitCode);
        Assert.Contains("no golden case", empty.Error, StringComparison.Ordinal);
        Assert.Equal("0 passed, 0 failed", empty.OutLines[^1]);
        _folder.Write("config.json", "{}");
        var unknown = CommandLine.Run("parity", _folder.Root);
        Assert.Equal(ExitCode.Failure, unknown.ExitCode);
        Assert.Contains("none of the 1 cases", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_stops_before_the_next_case()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Equal(ExitCode.Cancelled, CommandLine.Run(null, stop.Token, "parity", Repository.Golden("losses")).ExitCode);
    }
}
