using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SamMed3D.Transfer;

/// <summary>Writes what a cleaning decided: a CSV row for each case and class, or JSON with the rules, the new labels and the cases.</summary>
public static class CleaningReportFile
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes CSV: sizes in voxels, mm and mm3, the verdict ("keep", "drop" or "absent"), the step and reason of a drop, and the new labels.</summary>
    public static void SaveCsv(string path, CleaningReport report) => AtomicFile.WriteText(path, ToCsv(report));

    /// <summary>Writes JSON.</summary>
    public static void SaveJson(string path, CleaningReport report) => AtomicFile.WriteText(path, ToJson(report));

    /// <summary>The text of the CSV file.</summary>
    public static string ToCsv(CleaningReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder("case,part,class,value,voxels,volume_mm3,side_x_mm,side_y_mm,side_z_mm,background_fraction,verdict,step,reason,"
            + "components,components_kept,voxels_kept,midline_x_mm,left_voxels,right_voxels,new_labels\n");
        foreach (var one in report.Cases)
            foreach (var mask in one.Decisions)
                text.Append(CultureInfo.InvariantCulture,
                    $"{CsvText.Cell(one.Id)},{Part(one)},{CsvText.Cell(mask.ClassName)},{mask.Value},{mask.VoxelCount},{mask.Volume:0.###},")
                    .Append(CultureInfo.InvariantCulture, $"{mask.Sides.X:0.###},{mask.Sides.Y:0.###},{mask.Sides.Z:0.###},{mask.BackgroundFraction:0.########},")
                    .Append(CultureInfo.InvariantCulture, $"{Verdict(mask)},{mask.DroppedBy},{CsvText.Cell(mask.Reason ?? "")},{mask.ComponentSizes.Count},")
                    .Append(CultureInfo.InvariantCulture, $"{Kept(mask, report)},{mask.KeptVoxelCount},{mask.Midline:0.###},{mask.LeftVoxelCount},{mask.RightVoxelCount},")
                    .Append(CsvText.Cell(string.Join("; ", report.NewLabels(mask).Select(entry => $"{entry.Key}={entry.Value}")))).Append('\n');
        return text.ToString();
    }

    /// <summary>The text of the JSON file.</summary>
    public static string ToJson(CleaningReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var rules = report.Options;
        return JsonSerializer.Serialize(new
        {
            report.Input,
            Rules = new
            {
                MinVolumeMm3 = rules.MinimumVolume, MinSideMm = rules.MinimumSide, MaxBackgroundFraction = rules.MaximumBackground,
                KeepComponents = rules.LargestComponents, Connectivity = (int)rules.Connectivity, rules.SymmetricOrgans,
                Sides = rules.SideRule == SideRule.ByVoxel ? "by voxel" : "by component", MidlineXMm = rules.Midline,
            },
            Labels = report.NamedLabels.ToDictionary(entry => entry.Name, entry => entry.Label),
            report.VanishedClasses,
            CasesLeftOut = report.Cases.Where(one => one.IsLeftOut).Select(one => one.Id),
            Cases = report.Cases.Select(one => new
            {
                Case = one.Id, Part = Part(one), one.IsLeftOut,
                Classes = one.Decisions.Select(mask => new
                {
                    Class = mask.ClassName, mask.Value, Voxels = mask.VoxelCount, VolumeMm3 = mask.Volume,
                    SideMm = new[] { mask.Sides.X, mask.Sides.Y, mask.Sides.Z }, mask.BackgroundFraction,
                    Verdict = Verdict(mask), Step = mask.DroppedBy, mask.Reason, mask.ComponentSizes, ComponentsKept = Kept(mask, report),
                    VoxelsKept = mask.KeptVoxelCount, MidlineXMm = mask.Midline, LeftVoxels = mask.LeftVoxelCount, RightVoxels = mask.RightVoxelCount,
                    NewLabels = report.NewLabels(mask),
                }),
            }),
        }, Layout) + "\n";
    }

    private static string Part(CleanedCase one) => one.Part is { } part ? part.ToString().ToLowerInvariant() : "";

    private static string Verdict(MaskDecision mask) => mask.IsKept ? "keep" : mask.IsAbsent ? "absent" : "drop";

    private static int Kept(MaskDecision mask, CleaningReport report) => Math.Min(mask.ComponentSizes.Count, report.Options.LargestComponents);
}
