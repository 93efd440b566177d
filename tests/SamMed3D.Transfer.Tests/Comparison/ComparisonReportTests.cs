using System.Text.RegularExpressions;

namespace SamMed3D.Transfer.Tests;

public sealed partial class ComparisonReportTests : IDisposable
{
    private static readonly ComparisonResults Results = MadeUpComparison.Create();

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_page_needs_nothing_from_outside_and_equal_results_give_equal_bytes()
    {
        string page = ComparisonReport.ToHtml(Results);
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", page, StringComparison.OrdinalIgnoreCase);
        Assert.All(Sources().Matches(page), match => Assert.StartsWith("data:", match.Groups[1].Value, StringComparison.Ordinal));
        Assert.Equal(page, ComparisonReport.ToHtml(Results with { Runs = [.. Results.Runs.Reverse()] }));

        string path = Path.Combine(_folder, "report.html");
        ComparisonReport.Write(path, Results);
        Assert.Equal(page, File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void It_has_every_part()
    {
        string page = ComparisonReport.ToHtml(Results);
        string[] parts =
        [
            "Findings", "Arms", "Differences", "Classes", "Learning", "Label budgets", "Cost", "Seen in pretraining", "Published values, not comparable", "How this was compared",
        ];
        Assert.All(parts, part => Assert.Contains($">{part}</h2>", page, StringComparison.Ordinal));
        Assert.Contains("sam-med3d is ", page, StringComparison.Ordinal);
        Assert.Contains("position-only guess</th>", page, StringComparison.Ordinal);
        Assert.Contains("seen in pretraining</span>", page, StringComparison.Ordinal);
        Assert.Contains("85.79", page, StringComparison.Ordinal);
        Assert.Contains(new string('a', 64), page, StringComparison.Ordinal);

        // One of differences, five paired, classes, learning, budgets: each with a text for those who do not see it, and ids of its own.
        Assert.Equal(9, Charts().Count(page));
        var ids = Ids().Matches(page).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(Tables().Count(page), Captions().Count(page));
        Assert.DoesNotContain("#0A00", page, StringComparison.Ordinal);
        Assert.DoesNotContain("#0B00", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_stay_text()
    {
        string attack = "</title><script>alert('x')</script>\" onload=\"y\u0000";
        var hostile = MadeUpComparison.Create([attack, "日本 肝臓", "a & b"]);
        hostile = hostile with
        {
            Name = attack,
            Dataset = attack,
            Baseline = attack,
            Arms = [.. hostile.Arms.Select(arm => arm.Name == "scratch" ? arm with { Name = attack, Description = attack, Seen = new SeenStamp(SeenStatus.Seen, attack) } : arm)],
            Runs = [.. hostile.Runs.Select(run => run with { Id = run.Id + attack, Arm = run.Arm == "scratch" ? attack : run.Arm, Hashes = new RunHashes { Split = attack } })],
            Provenance = new Dictionary<string, string> { [attack] = attack },
            MissingRuns = [attack],
        };
        var shown = new ShownCase(attack, attack, attack, CaseRank.Best, double.NaN);
        string page = ComparisonReport.ToHtml(hostile, [new CasePicture(shown, [new SlicePicture("axial", [1, 2, 3], 4, 4)])]);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\" onload", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', page);
        Assert.Single(TitleEnds().Matches(Head(page)));
        Assert.Contains("日本 肝臓</text>", System.Net.WebUtility.HtmlDecode(page), StringComparison.Ordinal);
    }

    [Fact]
    public void One_seed_is_said_beside_every_claim()
    {
        string page = ComparisonReport.ToHtml(Results with { Runs = [.. Results.Runs.Where(run => run.Seed == 0)] });
        Assert.Contains(">better, one seed</span>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">better</span>", page, StringComparison.Ordinal);
        Assert.Contains("repeat with two or more", page, StringComparison.Ordinal);
        Assert.DoesNotContain(", one seed</span>", ComparisonReport.ToHtml(Results), StringComparison.Ordinal);
    }

    [Fact]
    public void Little_makes_a_page_too()
    {
        Assert.Contains("No run has ended yet", ComparisonReport.ToHtml(Results with { Runs = [] }), StringComparison.Ordinal);
        var few = Results with
        {
            ClassNames = ["one"],
            PositionGuess = [],
            Runs = [.. Results.Runs.Where(run => run.Budget.IsAll && run.Fold == 0).Select(run => run with
            {
                Curve = [],
                Cost = new RunCost(),
                Cases = [.. run.Cases.Take(1).Select(one => new CaseResult(one.CaseId, [run.Arm == "lora" ? double.NaN : 0.5]))],
            })],
        };
        string page = ComparisonReport.ToHtml(few);
        Assert.Contains("cannot be compared: with n = 1 case no difference could have been significant", page, StringComparison.Ordinal);
        Assert.Contains("have no scored case in common", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_is_seen_from_the_front_and_from_the_feet()
    {
        // A bright cube in the right, front, upper corner (the first axis runs to the right in RAS+), stored with its axes turned around.
        long before = LiveTensors.Before();
        using (var scope = NewDisposeScope())
        {
            var voxels = zeros([1, 10, 12, 14]);
            voxels[0, 7..10, 9..12, 11..14] = 1;
            var geometry = Geometry.Create(new Size3(10, 12, 14), new Double3(1, 1, 2));
            using var image = new Volume(voxels, geometry);
            using var truth = new LabelVolume(voxels[0].to(ScalarType.Int32).clone(), geometry);
            using var turned = Reorientation.To(image, Orientation.Parse("PIR"));
            using var turnedTruth = Reorientation.To(truth, Orientation.Parse("PIR"));
            var shown = new ShownCase("a", "b", "c", CaseRank.Best, 0.5);
            var picture = CasePicture.Draw(shown, turned, turnedTruth, turnedTruth);
            Assert.Equal(CasePicture.Draw(shown, image, truth, truth).Slices.Select(slice => Convert.ToHexString(slice.Png)), picture.Slices.Select(slice => Convert.ToHexString(slice.Png)));
            Assert.Equal(["axial", "coronal", "sagittal"], picture.Slices.Select(slice => slice.Plane));

            // Millimetres are square: 10 x 12, 10 x 28 and 12 x 28 mm.
            Assert.Equal([(267, 320), (114, 320), (137, 320)], picture.Slices.Select(slice => (slice.Width, slice.Height)));
            foreach (var slice in picture.Slices)
            {
                using var bitmap = SkiaSharp.SKBitmap.Decode(slice.Png);
                Assert.True(bitmap.GetPixel(slice.Width / 8, slice.Height / 9).Red > 150, slice.Plane);
                Assert.Equal(0, bitmap.GetPixel(slice.Width * 7 / 8, slice.Height * 7 / 8).Red);
            }

            using var small = new LabelVolume(zeros([2, 2, 2], ScalarType.Int32), Geometry.Create(2, 1));
            Assert.Throws<ArgumentException>(() => CasePicture.Draw(shown, image, truth, small));
        }

        Assert.Equal(before, LiveTensors.Now);
    }

    [Fact]
    public void Best_median_and_worst_are_those_of_the_best_start_and_shown_for_the_baseline_too()
    {
        var shown = ShownCase.Choose(ComparisonSummary.Of(Results));
        Assert.Equal(6, shown.Count);
        Assert.Equal(["sam-med3d", "scratch"], shown.Select(one => one.Arm).Distinct());
        Assert.True(shown[0].MeanDice > shown[2].MeanDice && shown[2].MeanDice > shown[4].MeanDice);
        Assert.All(shown, one => Assert.Contains(Results.Runs, run => run.Id == one.RunId && run.Arm == one.Arm && run.Budget.IsAll && run.Cases.Any(scored => scored.CaseId == one.CaseId)));
        Assert.Empty(ShownCase.Choose(ComparisonSummary.Of(Results with { Runs = [] })));
    }

    private static string Head(string page) => page[..page.IndexOf("<style>", StringComparison.Ordinal)];

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Sources();

    [GeneratedRegex("<svg class=\"chart\"[^>]* aria-label=\"[^\"]+\"")]
    private static partial Regex Charts();

    [GeneratedRegex(" id=\"([^\"]*)\"")]
    private static partial Regex Ids();

    [GeneratedRegex("<table>")]
    private static partial Regex Tables();

    [GeneratedRegex("<caption>[^<]+</caption>")]
    private static partial Regex Captions();

    [GeneratedRegex("</title>")]
    private static partial Regex TitleEnds();
}
