namespace SamMed3D.Transfer.Tests;

public sealed class ComparisonResultsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_and_the_order_of_runs_does_not_matter()
    {
        var results = MadeUpComparison.Create();
        var first = results.Runs[0].Cases[0];
        results = results with
        {
            Runs = [results.Runs[0] with { Cases = [first with { Hausdorff95 = [double.PositiveInfinity, double.NaN, .. first.Hausdorff95!.Skip(2)] }, .. results.Runs[0].Cases.Skip(1)] }, .. results.Runs.Skip(1)],
        };
        string path = Path.Combine(_folder, "results.json");
        ComparisonResultsFile.SaveJson(path, results);
        var read = ComparisonResultsFile.ReadJson(path);
        Assert.Equal(ComparisonResultsFile.ToJson(results), ComparisonResultsFile.ToJson(read));
        Assert.True(double.IsNaN(read.Runs.SelectMany(run => run.Cases).First(one => one.CaseId == "case_007").Dice[4]));
        Assert.Equal([double.PositiveInfinity, double.NaN], read.Runs[0].Cases[0].Hausdorff95!.Take(2));
        Assert.Contains(",inf,", ComparisonResultsFile.ToCsv(read), StringComparison.Ordinal);
        var shuffled = results with { Runs = [.. results.Runs.Reverse()], Provenance = results.Provenance.Reverse().ToDictionary() };
        Assert.Equal(ComparisonResultsFile.ToJson(results), ComparisonResultsFile.ToJson(shuffled));
        Assert.Equal(ComparisonResultsFile.ToCsv(results), ComparisonResultsFile.ToCsv(shuffled));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_table_has_scores_alone_and_survives_hostile_names()
    {
        var results = MadeUpComparison.Create(["a,\"b\"\n", "=1+1"]);
        string csv = ComparisonResultsFile.ToCsv(results with { Runs = [results.Runs[0] with { Cost = new RunCost { WallSeconds = 12345.678 } }] });
        string[] lines = csv.Split('\n');
        Assert.Equal("arm,budget,fold,seed,run,training_cases,case,class,dice,surface_dice,hausdorff95_mm,position_guess_dice", lines[0]);
        Assert.StartsWith("scratch,10 %,0,0,scratch-10%-fold0-seed0,2,case_000,\"a,\"\"b\"\"", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("12345", csv, StringComparison.Ordinal);
        Assert.Equal(csv, ComparisonResultsFile.ToCsv(results with { Runs = [results.Runs[0]] }));
    }

    [Theory]
    [InlineData("", "not the results of a comparison")]
    [InlineData("null", "got null")]
    [InlineData("{\"format\": 7}", "got format 7")]
    [InlineData("{\"format\": 1, \"results\": {\"name\": \"x\"}}", "not the results of a comparison")]
    [InlineData("{\"format\": 1, \"results\": {\"name\": \"x\", \"dataset\": \"d\", \"classNames\": [\"a\"], \"baseline\": \"b\", \"arms\": null, \"runs\": []}}", "null")]
    public void A_broken_file_is_named_with_the_reason(string text, string reason)
    {
        string path = Path.Combine(_folder, "results.json");
        File.WriteAllText(path, text);
        var problem = Assert.Throws<InvalidDataException>(() => ComparisonResultsFile.ReadJson(path));
        Assert.StartsWith(path, problem.Message, StringComparison.Ordinal);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
        Assert.Throws<InvalidDataException>(() => ComparisonResultsFile.ReadJson(path + "x"));
    }
}
