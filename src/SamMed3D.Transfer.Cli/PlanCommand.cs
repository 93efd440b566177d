using System.CommandLine;
using System.Text.RegularExpressions;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d plan DATASET</c>: from a folder of scans to an experiment that can be trained.</summary>
internal sealed class PlanCommand
{
    private static readonly PlanOptions Defaults = new();

    private static readonly string[] Files = [DatasetPlan.FileName, DatasetPlan.ExperimentName, DataSplit.FileName, LabelBudgets.FileName];

    private readonly Argument<string> _dataset = new("DATASET")
    {
        Description = "Folder of the data set (nnU-Net, Decathlon, SAM-Med3D's ORGAN/DATASET/imagesTr), or a list of cases (.csv, .json).",
    };

    private readonly Option<string> _output = new("--output", "-o") { Description = "A folder for the plan that holds none yet.", HelpName = "FOLDER", Required = true };
    private readonly Option<string?> _weights = new("--weights", "-w")
    {
        Description = "SAM-Med3D's weights to start from; spacing, normalisation and patch are then theirs. Default: from scratch.",
        HelpName = "FILE",
    };

    private readonly Option<double> _memory = CommonOptions.Number("--memory", "GB", "Memory that a training step may take, in GB.", Defaults.MemoryGB);

    private readonly Option<int> _folds = new("--folds") { Description = "Folds to make where the data set has none.", HelpName = "N", DefaultValueFactory = _ => Defaults.FoldCount };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of folds, label budgets and the run.", HelpName = "N" };
    private readonly Option<string?> _subject = new("--subject-pattern")
    {
        Description = "Regular expression that finds the subject in a case's id (its first group); cases of one subject stay on one side of every fold.",
        HelpName = "REGEX",
    };

    private PlanCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var plan = new PlanCommand();
        var command = new ExampleCommand("plan", "Look at a data set and write an experiment for it, with a reason for each decision.", """
            Writes plan.json (fingerprint, decisions, reasons), splits_final.json (nnU-Net's form), budgets.json (1, 5, 10, 25, 50, 100 % of each fold's
            training subjects, nested) and experiment.yaml, and shows decisions and experiment. The same data and seed give the same bytes.
            Memory is an estimate: 0.4 GB + 16 bytes a parameter + for each patch of the batch 240 bytes x features x voxels, and what attention takes.

            Examples:
              sammed3d plan data/Dataset004_Hippocampus --output plans/hippocampus
              sammed3d plan data/Dataset004_Hippocampus --output plans/transfer --weights sam_med3d_turbo.pth --memory 16
              sammed3d plan cases.csv --output plans/mine --subject-pattern '^(patient\d+)_'
              sammed3d train plans/hippocampus/experiment.yaml
              sammed3d train plans/hippocampus/experiment.yaml --set 'data.budget={percent: 10, file: plans/hippocampus/budgets.json}'
            """)
        {
            plan._dataset, plan._output, plan._weights, plan._memory, plan._folds, plan._seed, plan._subject,
        };
        command.SetAction(parsed => plan.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string output = parsed.GetRequiredValue(_output);
        var options = Options(parsed);
        RequireFree(output);
        var plan = ConsoleProgress.Run(terminal, progress => DatasetPlan.Make(parsed.GetRequiredValue(_dataset), output, options, progress, stop));
        Save(plan, output);
        var table = new TextTable("decision", "value", "why") { HoldsText = true };
        foreach (var decision in plan.Decisions)
            table.Add(decision.What, decision.Value, decision.Reason);
        table.Write(terminal);
        terminal.Line();
        foreach (string line in plan.ExperimentText.Split('\n'))
            terminal.Line(line);
        terminal.Line($"train it: sammed3d train {Path.Combine(output, DatasetPlan.ExperimentName)}");
        return ExitCode.Ok;
    }

    private PlanOptions Options(ParseResult parsed)
    {
        string? pattern = parsed.GetValue(_subject);
        try
        {
            _ = pattern is null ? null : new Regex(pattern);
            return new PlanOptions
            {
                MemoryGB = parsed.GetValue(_memory),
                FoldCount = parsed.GetValue(_folds),
                Seed = parsed.GetValue(_seed),
                Weights = parsed.GetValue(_weights),
                SubjectPattern = pattern,
            }.Validated();
        }
        catch (ArgumentException reason)
        {
            throw new UsageException($"plan: {reason.Message.Replace(nameof(PlanOptions.MemoryGB), "--memory", StringComparison.Ordinal).Replace(nameof(PlanOptions.FoldCount), "--folds", StringComparison.Ordinal)}");
        }
    }

    /// <summary>Folds must not change under runs that were trained on them.</summary>
    private static void RequireFree(string output)
    {
        if (File.Exists(output))
            throw new UsageException($"plan: {output} is a file; give a folder.");
        if (Files.FirstOrDefault(name => File.Exists(Path.Combine(output, name))) is { } there)
            throw new UsageException($"plan: {Path.Combine(output, there)} is there already, and runs may rest on it; give another folder or delete it.");
        bool isThere = Directory.Exists(output);
        Directory.CreateDirectory(output);
        AtomicFile.RequireWritable(Path.Combine(output, DatasetPlan.FileName));
        if (!isThere)
            Directory.Delete(output);
    }

    /// <summary>All files or none, so that the same command can be given again.</summary>
    private static void Save(DatasetPlan plan, string output)
    {
        try
        {
            plan.Save(output);
        }
        catch
        {
            foreach (string name in Files)
                File.Delete(Path.Combine(output, name));
            if (Directory.Exists(output) && !Directory.EnumerateFileSystemEntries(output).Any())
                Directory.Delete(output);
            throw;
        }
    }
}
