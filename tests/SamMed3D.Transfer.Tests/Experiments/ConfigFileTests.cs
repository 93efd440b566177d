namespace SamMed3D.Transfer.Tests;

public class ConfigFileTests
{
    internal static readonly ConfigSchema Schema = new ConfigSchema().Add<Shape, Ball>("ball").Add<Shape, Brick>("brick").Add<Shape, Point>("no-extent");

    private static Sample Read(string text, params string[] overrides) => ConfigFile.Read<Sample>(text, "run.yaml", overrides, Schema);

    private static string[] Problems(string text, params string[] overrides) =>
        [.. Assert.Throws<ExperimentFileException>(() => Read(text, overrides)).Problems.Select(problem => problem.ToString())];

    [Fact]
    public void Every_sort_of_value_is_read()
    {
        var sample = Read("""
            name: a b
            seed: 9000000000
            share: 1
            small: 2.5e-4
            isOn: false
            limit: -3
            flavour: deep-fried
            size: [48, 64, 32]
            taps: [3, {block: 11, isNormalized: true}]
            flavours: [plain, deep-fried]
            parts:
              - {steps: 7}
              - steps: 8
                note: "12"
            shape: {kind: brick, edge: 2, extents: 8}
            other: {kind: no-extent}
            """);
        Assert.Equal("a b", sample.Name);
        Assert.Equal(9000000000, sample.Seed);
        Assert.Equal(1.0, sample.Share);
        Assert.Equal(2.5e-4f, sample.Small);
        Assert.False(sample.IsOn);
        Assert.Equal(-3, sample.Limit);
        Assert.Equal(Flavour.DeepFried, sample.Flavour);
        Assert.Equal(new Size3(48, 64, 32), sample.Size);
        Assert.Equal([new FeatureTap(3), new FeatureTap(11, true)], sample.Taps);
        Assert.Equal([Flavour.Plain, Flavour.DeepFried], sample.Flavours);
        Assert.Equal([new Nested { Steps = 7 }, new Nested { Steps = 8, Note = "12" }], sample.Parts);
        Assert.Equal(new Brick { Edge = 2, Extents = 8 }, sample.Shape);
        Assert.Equal(new Point(), sample.Other);
    }

    [Fact]
    public void What_is_left_out_keeps_its_default_also_inside_a_group()
    {
        var sample = Read("name: x\nnested: {every: 50}\nshape: {kind: ball, edge: 9}\nlimit: ~\n");
        Assert.Equal(new Nested { Steps = 100, Every = 50 }, sample.Nested);
        Assert.Equal(new Ball { Edge = 9 }, sample.Shape);
        Assert.Null(sample.Limit);
        Assert.Equal([new FeatureTap(2), new FeatureTap(5), new FeatureTap(8, true)], sample.Taps);
    }

    [Fact]
    public void All_problems_are_named_at_once_with_line_and_column()
    {
        Assert.Equal(
            [
                "run.yaml:1:1: sead: unknown key (did you mean 'seed'?)",
                "run.yaml:1:1: name: missing key",
                "run.yaml:2:8: share: expected 0 to 1, got '1.5'",
                "run.yaml:3:10: flavour: expected one of plain, deep-fried, got 'deepfried' (did you mean 'deep-fried'?)",
                "run.yaml:5:10: nested.steps: expected a whole number, got '1.5'",
                "run.yaml:6:3: nested.steps: duplicate key, first set in line 5",
                "run.yaml:7:7: taps: expected a list such as [a, b], got '3'",
                "run.yaml:8:18: size[1]: expected a whole number, got 'x'",
                "run.yaml:9:8: isOn: expected true or false, got 'yes'",
                "run.yaml:10:15: shape.kind: expected one of ball, brick, no-extent, got 'bal' (did you mean 'ball'?)",
                "run.yaml:11:8: other: expected a group of keys with kind: ball | brick | no-extent, got a list of 1",
            ],
            Problems("""
                sead: 5
                share: 1.5
                flavour: deepfried
                nested:
                  steps: 1.5
                  steps: 2
                taps: 3
                size: [48,       x, 48]
                isOn:  yes
                shape: {kind: bal}
                other: [1]
                """));
    }

    [Theory]
    [InlineData("name: x\nseed: 99999999999999999999", "2:7: seed: 99999999999999999999 is beyond the range of whole numbers here")]
    [InlineData("name: x\nseed: \"5\"", "2:7: seed: expected a whole number, got the text \"5\"")]
    [InlineData("name: x\nshare: .nan", "2:8: share: expected a number, got '.nan'")]
    [InlineData("name: x\nshare: NaN", "2:8: share: expected a number, got 'NaN'")]
    [InlineData("name: x\nshare:", "2:7: share: expected a number, got nothing")]
    [InlineData("name: [x]", "1:7: name: expected text, got a list of 1")]
    [InlineData("name: x\nnested: 3", "2:9: nested: expected a group of keys, got '3'")]
    [InlineData("name: x\nsize: {x: 1, y: 2}", "2:7: size.z: missing key")]
    [InlineData("name: x\nsize: [1, 2]", "2:7: size: expected 3 values, got 2")]
    [InlineData("name: x\nsize: big", "2:7: size: expected a whole number, got 'big'")]
    [InlineData("name: x\nshape: {edge: 3}", "2:8: shape.kind: missing key; expected one of ball, brick, no-extent")]
    [InlineData("name: x\nshape: {kind: ball, extents: 3}", "2:21: shape.extents: unknown key")]
    [InlineData("name: x\nother: {kind: brick}", "2:8: other.extents: missing key")]
    [InlineData("name: x\nnested: {kind: ball}", "2:10: nested.kind: unknown key")]
    [InlineData("name: x\nsummary: y", "2:1: summary: unknown key")]
    [InlineData("- 1", "1:1: expected keys such as 'name: value' at the top level")]
    [InlineData("", "1:1: the file is empty")]
    [InlineData("name: x\n---\nname: y", "2:1: a second YAML document starts here; expected one document")]
    [InlineData("name: !!str x", "1:7: tags such as tag:yaml.org,2002:str are not allowed")]
    [InlineData("name: x\n[a]: 1", "2:1: expected a key, got a list or a group")]
    public void A_bad_file_is_refused_with_one_clear_line(string text, string problem) =>
        Assert.Equal(["run.yaml:" + problem], Problems(text));

    [Fact]
    public void Contradictions_of_several_records_come_at_once_and_a_wrong_type_hides_none() =>
        Assert.Equal(
            [
                "run.yaml:2:8: small: expected a number, got 'x'",
                "run.yaml:3:17: nested.every: 7 is more than steps 3.",
                "run.yaml:4:18: parts[0].every: 9 is more than steps 2.",
            ],
            Problems("name: x\nsmall: x\nnested: {every: 7, steps: 3}\nparts: [{every:  9, steps: 2}]\n"));

    [Fact]
    public void What_only_follows_from_another_problem_is_not_told() =>
        Assert.Equal(["run.yaml:2:17: nested.steps: expected a whole number, got 'x'"], Problems("name: x\nnested: {steps: x, every: 70}\n"));

    [Fact]
    public void Broken_syntax_is_named_with_its_place()
    {
        string problem = Assert.Single(Problems("name: x\nnested: {steps: 3\nseed: 4\n"));
        Assert.Matches("^run.yaml:[23]:[0-9]+: ", problem);
        Assert.Contains("not valid YAML", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_and_aliases_are_refused()
    {
        string[] problems = Problems("name: &a x\nparts: [*a, *a]\n");
        Assert.Contains("run.yaml:1:7: anchors such as &a are not allowed; write the value out", problems);
        Assert.Contains("run.yaml:2:9: aliases such as *a are not allowed; write the value out", problems);
    }

    [Fact]
    public void Endless_nesting_is_refused() =>
        Assert.Contains("nested more than 32 levels deep", Assert.Single(Problems("name: " + new string('[', 100_000))), StringComparison.Ordinal);

    [Fact]
    public void A_contradiction_points_to_the_key_it_names_in_the_words_of_the_file() =>
        Assert.Equal(
            ["run.yaml:3:10: nested.every: 20 is more than steps 3."],
            Problems("name: x\nnested:\n  every: 20\n  steps: 3\n"));

    [Fact]
    public void A_contradiction_across_records_points_to_the_key_to_blame()
    {
        var error = Assert.Throws<ExperimentFileException>(() => ConfigFile.Read<Sample>(
            "name: x\nnested:\n  steps: 9\n", "run.yaml", [], Schema,
            sample => [("nested.steps", "is not 10"), ("shape.edge", $"is {sample.Shape.Edge}")]));
        Assert.Equal("run.yaml:1:1: shape.edge: is 4\nrun.yaml:3:10: nested.steps: is not 10", error.Message);
    }

    [Fact]
    public void An_override_replaces_adds_and_reaches_into_lists()
    {
        var sample = Read("name: x\ntaps: [1, 2]\nnested: {steps: 3, every: 1}\n",
            "nested.steps=200", "seed=77", "taps.1=9", "shape={kind: brick, extents: [1, 2, 3]}", "other.kind=ball", "other.radius=3", "name=a=b");
        Assert.Equal("a=b", sample.Name);
        Assert.Equal(77, sample.Seed);
        Assert.Equal([new FeatureTap(1), new FeatureTap(9)], sample.Taps);
        Assert.Equal(new Nested { Steps = 200, Every = 1 }, sample.Nested);
        Assert.Equal(new Brick { Extents = new Size3(1, 2, 3) }, sample.Shape);
        Assert.Equal(new Ball { Radius = 3 }, sample.Other);
    }

    [Theory]
    [InlineData("nested.stepz=3", "nested.stepz: unknown key (did you mean 'steps'?)")]
    [InlineData("nested.steps=many", "nested.steps: expected a whole number, got 'many'")]
    [InlineData("name.first=x", "name is a single value, it has no key 'first'")]
    [InlineData("taps.5=1", "taps is a list of 2 items; '5' is not an index into it")]
    [InlineData("taps.x=1", "taps is a list of 2 items; 'x' is not an index into it")]
    [InlineData("seed", "expected path.to.key=value, such as training.steps=500")]
    [InlineData("a..b=1", "expected path.to.key=value, such as training.steps=500")]
    [InlineData("share=", "share: expected a number, got nothing")]
    public void A_bad_override_is_named(string change, string problem) =>
        Assert.Equal([$"--set {change}: {problem}"], Problems("name: x\ntaps: [1, 2]\n", change));

    [Fact]
    public void An_override_that_is_no_yaml_is_named() =>
        Assert.StartsWith("--set taps=[1, 2: not valid YAML", Assert.Single(Problems("name: x\n", "taps=[1, 2")), StringComparison.Ordinal);
}
