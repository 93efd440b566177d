using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary>Two checkpoints against each other, for people and for programs.</summary>
internal static class CheckpointComparisonText
{
    /// <returns><see cref="ExitCode.Ok"/> when the tensors are equal, else <see cref="ExitCode.Failure"/>.</returns>
    public static int Write(Terminal terminal, string first, string second, bool asJson)
    {
        using Checkpoint one = Checkpoint.Open(first), other = Checkpoint.Open(second);
        var comparison = CheckpointComparison.Of(one, other);
        if (asJson)
            WriteJson(terminal, comparison);
        else
            Write(terminal, comparison);
        return comparison.AreEqual ? ExitCode.Ok : ExitCode.Failure;
    }

    private static void Write(Terminal terminal, CheckpointComparison comparison)
    {
        terminal.Line($"{"file",-13}{comparison.First}");
        terminal.Line($"{"against",-13}{comparison.Second}");
        terminal.Line($"{"equal",-13}{comparison.EqualCount} tensors");
        terminal.Line($"{"different",-13}{comparison.Different.Count} tensors");
        terminal.Line($"{"only in file",-13}{comparison.OnlyInFirst.Count} tensors");
        terminal.Line($"{"only against",-13}{comparison.OnlyInSecond.Count} tensors");
        if (comparison.AreEqual)
            return;
        terminal.Line();
        var table = new TextTable("tensor", "difference");
        foreach (var difference in comparison.Different)
            table.Add(difference.First.Name, Describe(difference));
        foreach (var info in comparison.OnlyInFirst)
            table.Add(info.Name, $"only in file: {Text(info)}");
        foreach (var info in comparison.OnlyInSecond)
            table.Add(info.Name, $"only against: {Text(info)}");
        table.Write(terminal);
    }

    private static void WriteJson(Terminal terminal, CheckpointComparison comparison) => JsonOutput.Write(terminal, new
    {
        file = comparison.First,
        against = comparison.Second,
        equal = comparison.AreEqual,
        equalCount = comparison.EqualCount,
        different = comparison.Different.Select(difference => new
        {
            name = difference.First.Name,
            shape = difference.First.Shape,
            againstShape = difference.Second.Shape,
            type = difference.First.DType.ToString(),
            againstType = difference.Second.DType.ToString(),
            differingCount = difference.DifferingCount,
            largestDifference = difference.LargestDifference is { } largest && double.IsFinite(largest) ? largest : (double?)null,
        }),
        onlyInFile = comparison.OnlyInFirst.Select(info => info.Name),
        onlyAgainst = comparison.OnlyInSecond.Select(info => info.Name),
    });

    private static string Describe(TensorDifference difference)
    {
        var (first, second) = (difference.First, difference.Second);
        if (difference.DifferingCount is not { } count)
            return $"shape {Shape(first)} against {Shape(second)}";
        string types = first.DType == second.DType ? "" : $"type {first.DType} against {second.DType}, ";
        return count == 0
            ? types + (types.Length > 0 ? "same values" : "same values, other bits (zeros' signs or NaNs)")
            : string.Create(CultureInfo.InvariantCulture, $"{types}{count} values, by up to {difference.LargestDifference:0.###e+0}");
    }

    private static string Text(WeightInfo info) => $"{Shape(info)} {info.DType}";

    private static string Shape(WeightInfo info) => $"[{string.Join(", ", info.Shape)}]";
}
