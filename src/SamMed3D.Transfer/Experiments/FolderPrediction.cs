using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>Segments files with a trained model, each onto its own grid.</summary>
public static partial class FolderPrediction
{
    /// <summary>The format of labels for images whose own format is not written here, such as DICOM.</summary>
    private const string DefaultEnding = ".nii.gz";

    /// <summary>Segments every case among the inputs.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told after every case.</param>
    /// <param name="stop">Stops between windows; what is written stays.</param>
    /// <returns>What was written, and what could not be: a broken case does not keep the others from being segmented.</returns>
    /// <exception cref="InvalidDataException">The inputs as a whole do not fit: files are missing, or would overwrite each other.</exception>
    /// <exception cref="WeightsRefusedException">The weights belong to another model.</exception>
    public static PredictionOutcome Run(PredictionRequest request, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var experiment = request.Experiment;
        var cases = Cases(request.Inputs, experiment.Model.VolumeChannels);
        RequireDistinct(cases, request.Output);
        using var model = ExperimentModel.Open(experiment, request.Weights, request.Device.Resolve());
        var preprocessor = new CasePreprocessor(
            experiment.Data.Preprocessing, experiment.Model.VolumeChannels,
            experiment.Data.Labels ?? LabelScheme.Numbered(experiment.Model.ClassCount));
        var segmenter = new VolumeSegmenter(model, preprocessor, experiment.Inference);
        if (File.Exists(request.Output))
            throw new InvalidDataException($"{request.Output}: is a file; expected a folder for the label files.");
        List<string> written = [], failures = [];
        foreach (var (name, files) in cases)
        {
            stop.ThrowIfCancellationRequested();
            string path = Path.Combine(request.Output, name);
            try
            {
                using var volume = files.Count == 1 ? VolumeSource.Open(files[0], request.Readers).ReadVolume() : Volume.Open(files);
                using var labels = Segment(segmenter, volume, files[0], stop);
                Directory.CreateDirectory(request.Output);
                labels.Save(path);
                written.Add(path);
            }
            catch (Exception reason) when (reason is InvalidDataException or FileNotFoundException)
            {
                failures.Add(reason.Message);
            }

            progress?.Report(new RunProgress("predicting", written.Count + failures.Count, cases.Count, "cases", name));
        }

        return new PredictionOutcome(written, failures);
    }

    private static LabelVolume Segment(VolumeSegmenter segmenter, Volume volume, string file, CancellationToken stop)
    {
        try
        {
            return segmenter.Segment(volume, stop: stop);
        }
        catch (ArgumentException reason)
        {
            throw new InvalidDataException($"{file}: {reason.Message}", reason);
        }
    }

    /// <summary>Name of the label file, and the files of the channels in their order.</summary>
    private static List<(string Name, IReadOnlyList<string> Files)> Cases(IReadOnlyList<string> inputs, int channels)
    {
        var files = new List<string>();
        foreach (string input in inputs)
        {
            string[] found = Directory.Exists(input) && !VolumeFormats.IsSeries(input)
                ? [.. Directory.EnumerateFiles(input).Where(file => VolumeEnding.Of(file) is not null && Path.GetFileName(file)[0] != '.').Order(StringComparer.Ordinal)]
                : [input];
            if (found.Length == 0)
                throw new InvalidDataException($"{input}: no volumes ({VolumeEnding.Written}, or a DICOM series) in this folder.");
            files.AddRange(found);
        }

        var cases = new List<(string, IReadOnlyList<string>)>();
        foreach (var group in files.Distinct(StringComparer.Ordinal).GroupBy(file => ChannelNumber().Replace(file, "$1"), StringComparer.Ordinal))
        {
            string[] members = [.. group.Order(StringComparer.Ordinal)];
            // One file may hold all channels as its fourth axis.
            if (members.Length != channels && members.Length != 1)
                throw new InvalidDataException(
                    $"{group.Key}: expected {channels} channel file(s) as the model has, got {members.Length} ({string.Join(", ", members.Select(Path.GetFileName))}).");
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(group.Key)));
            cases.Add((VolumeEnding.Of(name) is null ? VolumeEnding.Without(name) + DefaultEnding : name, members));
        }

        return cases;
    }

    private static void RequireDistinct(List<(string Name, IReadOnlyList<string> Files)> cases, string output)
    {
        if (cases.GroupBy(one => one.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException(
                $"{twice.First().Files[0]} and {twice.Last().Files[0]} would both be written as {twice.Key}; predict them into different folders.");
        foreach (var (name, files) in cases)
            if (files.Any(file => Path.GetFullPath(file) == Path.GetFullPath(Path.Combine(output, name))))
                throw new InvalidDataException($"{files[0]}: its labels would overwrite it; give another output folder.");
    }

    [GeneratedRegex(@"_\d{4}(\.nii(\.gz)?|\.nrrd|\.nhdr|\.mha|\.mhd)$", RegexOptions.IgnoreCase)]
    private static partial Regex ChannelNumber();
}
