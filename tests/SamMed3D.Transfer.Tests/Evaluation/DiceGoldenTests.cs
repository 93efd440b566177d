using System.Text.Json;

namespace SamMed3D.Transfer.Tests;

public sealed class DiceGoldenTests
{
    [SkippableFact]
    public void Counts_and_dice_of_the_synthetic_pairs_are_the_stored_ones()
    {
        string folder = Repository.Shared("golden/metrics");
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "metrics.json")));
        using var scope = NewDisposeScope();
        var masks = SafetensorsFile.ReadAll(Path.Combine(folder, "pairs.safetensors"));

        foreach (var pair in description.RootElement.GetProperty("pairs").EnumerateArray())
        {
            string name = pair.GetProperty("name").GetString()!;
            var score = CaseScores.Compare(name, masks[name + ".truth"], masks[name + ".pred"], 2).Classes[0];

            Assert.Equal(
                new DiceScore(pair.GetProperty("tp").GetInt64(), pair.GetProperty("fp").GetInt64(), pair.GetProperty("fn").GetInt64()), score);
            var dice = pair.GetProperty("dice");
            Assert.Equal(dice.ValueKind == JsonValueKind.Number ? dice.GetDouble() : double.NaN, score.Value, 1e-9);
        }
    }
}
