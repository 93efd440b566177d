using System.CommandLine;
using System.Globalization;

namespace SamMed3D.Transfer.Cli;

/// <summary><c>sammed3d clean IN OUT</c>: the cleaning of SA-Med3D-140K.</summary>
internal sealed class CleanCommand
{
    private const int MostNamed = 20;

    private static readonly CleaningOptions Defaults = new();

    private readonly Argument<string> _in = new("IN") { Description = "A data set (nnU-Net, Decathlon or SAM-Med3D layout), a folder of label files, or one label file. It is never changed." };
    private readonly Argument<string?> _out = new("OUT")
    {
        Description = "A new or empty folder, or a new file where IN is one. Not needed with --dry-run.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Decide and report, write no data." };
    private readonly Option<double> _volume = CommonOptions.Number("--min-volume", "MM3", "Step 1: drop masks below this volume.", Defaults.MinimumVolume);
    private readonly Option<double> _side = CommonOptions.Number("--min-side", "MM", "Step 1: drop masks with a side of their box below this.", Defaults.MinimumSide);
    private readonly Option<double> _background = CommonOptions.Number("--max-background", "FRACTION", "Step 2: drop masks with more background than this, 0 to 1.", Defaults.MaximumBackground);
    private readonly Option<int?> _components = new("--components") { Description = $"Step 3: keep this many of the largest components. Default: {Defaults.LargestComponents}.", HelpName = "N" };
    private readonly Option<string> _connectivity = new Option<string>("--connectivity")
    {
        Description = "Step 3: neighbours of a voxel: by faces, edges too, or corners too.",
        DefaultValueFactory = _ => "26",
    }.AcceptOnlyFromAmong("6", "18", "26");

    private readonly Option<string[]> _symmetric = new("--symmetric")
    {
        Description = "Step 4: a class to split into left and right, in place of the usual organs (see below); may be given several times.",
        HelpName = "CLASS",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _noSplit = new("--no-split") { Description = "Step 4: split nothing." };
    private readonly Option<bool> _cut = new("--cut") { Description = "Step 4: cut components at the midline; else each goes as a whole to the side of its centroid." };
    private readonly Option<double?> _midline = CommonOptions.Number("--midline", "MM", "Step 4: x of the midline in mm, RAS+. Default: the middle of each volume.");
    private readonly Option<string[]> _names = new("--class")
    {
        Description = "The name of a label, where IN is no data set; may be given several times.",
        HelpName = "LABEL=NAME",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _csv = new("--csv") { Description = "Write the decisions as CSV to this file too: a row for each case and class.", HelpName = "FILE" };
    private readonly Option<string?> _json = new("--json") { Description = "Write the decisions as JSON to this file too.", HelpName = "FILE" };

    private CleanCommand()
    {
    }

    public static Command Create(Terminal terminal, CancellationToken stop)
    {
        var clean = new CleanCommand();
        CommonOptions.RequirePositive(clean._components);
        var command = new ExampleCommand("clean", "Clean the masks of a data set as SAM-Med3D's training data were.", $"""
            Each class of a label map is a mask: (1) masks below 1 cm3 or with a side below 1.5 cm go; (2) masks that leave more than 99 % of the
            volume to the background go; (3) the 5 largest components stay; (4) symmetric organs become left and right by world coordinates
            (x at or below the midline is left, RAS+). What goes becomes background; labels are numbered anew. OUT has IN's layout, with
            dataset.json renamed (kidney -> kidney left, kidney right), images copied, cases without any mask left out, and every decision in
            cleaning.csv and cleaning.json (beside the file where IN is one). OUT appears only when it is whole. Test cases with labels are
            cleaned by the same rules; those without are copied. Voxels to ignore stay as they are, and their label is the highest again.

            Of SAM-Med3D's tree (ORGAN/DATASET/imagesTr, one binary mask a file) the organ folders are the classes. IN is its root, an organ's
            folder or a data set's; OUT is a root in any case: OUT/liver/DATASET, and OUT/kidney_left/DATASET and OUT/kidney_right/DATASET for
            what was kidney, with the image beside each mask. Test cases without labels go to each folder that comes of their organ.

            Split by themselves, by name: {Organs(0, 10)},
            {Organs(10, 10)},
            {Organs(20, 20)}.

            Examples:
              sammed3d clean data/abdomen data/abdomen-clean
              sammed3d clean data/abdomen --dry-run --csv decisions.csv
              sammed3d clean labels.nii.gz cleaned.nii.gz --class 2=kidney --class 5=liver
            """)
        {
            clean._in, clean._out, clean._dryRun, clean._volume, clean._side, clean._background, clean._components, clean._connectivity,
            clean._symmetric, clean._noSplit, clean._cut, clean._midline, clean._names, clean._csv, clean._json,
        };
        command.SetAction(parsed => clean.Run(parsed, terminal, stop));
        return command;
    }

    private int Run(ParseResult parsed, Terminal terminal, CancellationToken stop)
    {
        string input = parsed.GetRequiredValue(_in);
        string? output = parsed.GetValue(_out), csv = parsed.GetValue(_csv), json = parsed.GetValue(_json);
        bool isDry = parsed.GetValue(_dryRun);
        if (input.Length == 0 || output is { Length: 0 })
            throw new UsageException("clean: a name is empty; give IN and OUT.");
        if (output is null && !isDry)
            throw new UsageException("clean: expected OUT, where to write; or give --dry-run to see the decisions alone.");
        if (csv is not null && json is not null && Path.GetFullPath(csv) == Path.GetFullPath(json))
            throw new UsageException($"clean: --csv and --json both name {csv}; give two files.");
        var names = Names(parsed);
        if (names.Count > 0 && CleaningSource.NamesClasses(input))
            throw new UsageException($"clean: --class is for label files without a data set; {input} names its classes itself, in dataset.json or by the organ folders of SAM-Med3D's tree.");
        foreach (string file in new[] { csv, json }.OfType<string>())
        {
            string taken = Path.TrimEndingDirectorySeparator(Path.GetFullPath(input)), written = Path.GetFullPath(file);
            if (written == taken || written.StartsWith(taken + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new UsageException($"clean: {file} lies in the input, which is not changed; write it elsewhere.");
            AtomicFile.RequireWritable(file);
        }

        var options = Options(parsed);
        CleaningReport report;
        try
        {
            report = ConsoleProgress.Run(terminal, progress => isDry
                ? CleaningRun.Decide(input, options, names, progress, stop)
                : CleaningRun.Write(input, output!, options, names, progress, stop));
        }
        finally
        {
            // Afterwards and whatever came of it: a run that was killed may have ended while this one ran, or be why OUT is refused.
            foreach (string remain in output is null ? [] : CleaningTarget.Remains(output))
                terminal.Error.WriteLine($"note: {remain} is half-made; unless another clean is at work, a killed one left it: delete it.");
        }

        CleaningText.Write(terminal, report);
        NoteStrangers(terminal, names, report);
        if (csv is not null)
            CleaningReportFile.SaveCsv(csv, report);
        if (json is not null)
            CleaningReportFile.SaveJson(json, report);
        terminal.Line();
        terminal.Line(isDry
            ? "dry run: nothing is written"
            : $"{output}: {report.ClassNames.Count - 1} classes, {report.Cases.Count(one => !one.IsLeftOut)} of {report.Cases.Count} cases{(report.Layout is not null ? ", images copied" : "")}");
        return ExitCode.Ok;
    }

    private CleaningOptions Options(ParseResult parsed)
    {
        string[] symmetric = parsed.GetValue(_symmetric) ?? [];
        if (parsed.GetValue(_noSplit) && symmetric.Length > 0)
            throw new UsageException("clean: --symmetric names what to split and --no-split splits nothing; give one of them.");
        var options = new CleaningOptions
        {
            MinimumVolume = parsed.GetValue(_volume), MinimumSide = parsed.GetValue(_side), MaximumBackground = parsed.GetValue(_background),
            LargestComponents = parsed.GetValue(_components) ?? Defaults.LargestComponents,
            Connectivity = (Connectivity)int.Parse(parsed.GetRequiredValue(_connectivity), CultureInfo.InvariantCulture),
            SymmetricOrgans = parsed.GetValue(_noSplit) ? [] : symmetric.Length > 0 ? symmetric : Defaults.SymmetricOrgans,
            NamesItsOrgans = symmetric.Length > 0,
            SideRule = parsed.GetValue(_cut) ? SideRule.ByVoxel : SideRule.ByComponent,
            Midline = parsed.GetValue(_midline),
        };
        try
        {
            return options.Validated();
        }
        catch (ArgumentException mistake)
        {
            throw new UsageException($"clean: {mistake.Message}");
        }
    }

    private Dictionary<int, string> Names(ParseResult parsed)
    {
        var names = new Dictionary<int, string>();
        foreach (string text in parsed.GetValue(_names) ?? [])
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || equals == text.Length - 1 || !int.TryParse(text[..equals], NumberStyles.None, CultureInfo.InvariantCulture, out int label) || label < 1)
                throw new UsageException($"--class: expected a label above 0 and its name, such as 2=kidney, got '{text}'.");
            if (!names.TryAdd(label, text[(equals + 1)..]))
                throw new UsageException($"--class: label {label} has two names.");
        }

        return names;
    }

    /// <summary>One list of names may serve for many files, so that this is no mistake.</summary>
    private static void NoteStrangers(Terminal terminal, Dictionary<int, string> names, CleaningReport report)
    {
        var found = report.Cases.SelectMany(one => one.Decisions).Select(decision => decision.Value).Distinct().Order().ToList();
        string there = found.Count == 0 ? "none" : ShortList.Of([.. found.Select(label => $"{label}")], MostNamed);
        string[] strangers = [.. names.Where(entry => !found.Contains(entry.Key)).Select(entry => $"{entry.Key}={entry.Value}")];
        if (strangers.Length > 0)
            terminal.Error.WriteLine($"note: --class {string.Join(", ", strangers)}: no file has such a label; there are {there}.");
    }

    private static string Organs(int first, int count) => string.Join(", ", Defaults.SymmetricOrgans.Skip(first).Take(count));
}
