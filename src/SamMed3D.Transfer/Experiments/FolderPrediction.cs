using System.Text.RegularExpressions;

namespace SamMed3D.Transfer;

/// <summary>Segments files with a trained model, each onto its own grid.</summary>
public static partial class FolderPrediction
{
    /// <summary>The format of labels for images whose own format is not written here, such as DICOM.</summary>
    private const string DefaultEnding = ".nii.gz";

    /// <summary>
    /// Segments every case among the inputs. While one is in the network, the next one is read and prepared and the one before is written: at most one in
    /// each place.
    /// </summary>
    /// <remarks>
    /// Memory at the peak, for files of V voxels and C channels, of which the network sees W: the sums of windows (see <see cref="SlidingWindow"/>), a case as the
    /// network sees it (4 C W bytes), its labels (V, or 4 V where values are above 255), a case on its way there (8 C max(V, W)), and labels on their way into a file
    /// (4 V); beside the model and what it needs for a batch of windows.
    /// </remarks>
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told after every batch of windows and every case.</param>
    /// <param name="stop">Stops between windows; what is written stays, and what is being written is finished.</param>
    /// <returns>What was written, and what could not be: a broken case does not keep the others from being segmented.</returns>
    /// <exception cref="InvalidDataException">The inputs as a whole do not fit: files are missing, or would overwrite each other.</exception>
    /// <exception cref="WeightsRefusedException">The weights belong to another model.</exception>
    public static PredictionOutcome Run(PredictionRequest request, IProgress<RunProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var experiment = request.Experiment;
        var cases = Cases(request.Inputs, experiment.Model.VolumeChannels);
        RequireDistinct(cases, request);
        using var model = ExperimentModel.Open(experiment, request.Weights, request.Device.Resolve());
        var preprocessor = new CasePreprocessor(
            experiment.Data.Preprocessing, experiment.Model.VolumeChannels,
            experiment.Data.Labels ?? LabelScheme.Numbered(experiment.Model.ClassCount));
        var segmenter = new VolumeSegmenter(model, preprocessor, experiment.Inference);
        if (File.Exists(request.Output))
            throw new InvalidDataException($"{request.Output}: is a file; expected a folder for the label files.");
        var failures = new string?[cases.Count];
        Task<PreprocessedCase?> reading = Read(0);
        Task writing = Task.CompletedTask;
        try
        {
            for (var index = 0; index < cases.Count; index++)
            {
                LabelVolume? labels = null;
                using (var prepared = reading.GetAwaiter().GetResult())
                {
                    stop.ThrowIfCancellationRequested();
                    reading = Read(index + 1);
                    if (prepared is not null)
                        labels = Attempt(index, () => Named(cases[index].Files[0], () => segmenter.Segment(
                            prepared, WindowProgress.Of(progress, "predicting", index, cases.Count, cases[index].Name), stop)));
                }

                writing.GetAwaiter().GetResult();
                writing = Write(index, labels);
                if (index == cases.Count - 1)
                    writing.GetAwaiter().GetResult();
                progress?.Report(new RunProgress("predicting", index + 1, cases.Count, "cases", cases[index].Name));
            }
        }
        finally
        {
            // Nothing goes on behind the caller's back. What failed in there is no news beside what ended the loop.
            Task.WhenAny(Task.WhenAll(reading, writing)).GetAwaiter().GetResult();
            if (reading.IsCompletedSuccessfully)
                reading.Result?.Dispose();
        }

        return new PredictionOutcome(
            [.. Enumerable.Range(0, cases.Count).Where(index => failures[index] is null).Select(index => Path.Combine(request.Output, cases[index].Name))],
            [.. failures.OfType<string>()]);

        Task<PreprocessedCase?> Read(int index) => index == cases.Count ? Task.FromResult<PreprocessedCase?>(null)
            : Task.Run(() => Attempt(index, () => Prepared(preprocessor, cases[index].Files, request.Readers, stop)), CancellationToken.None);

        Task Write(int index, LabelVolume? labels) => labels is null ? Task.CompletedTask : Task.Run(() => Attempt(index, () =>
        {
            using (labels)
            {
                Directory.CreateDirectory(request.Output);
                labels.Save(Path.Combine(request.Output, cases[index].Name));
                return labels;
            }
        }), CancellationToken.None);

        T? Attempt<T>(int index, Func<T> work)
            where T : class
        {
            try
            {
                return work();
            }
            catch (Exception reason) when (reason is InvalidDataException or FileNotFoundException)
            {
                failures[index] = reason.Message;
                return null;
            }
        }
    }

    private static PreprocessedCase Prepared(
        CasePreprocessor preprocessor, IReadOnlyList<string> files, IReadOnlyList<IVolumeReader>? readers, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        using var volume = files.Count == 1 ? VolumeSource.Open(files[0], readers).ReadVolume() : Volume.Open(files);
        stop.ThrowIfCancellationRequested();
        return Named(files[0], () => preprocessor.PrepareOwned(volume));
    }

    private static T Named<T>(string file, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ArgumentException reason)
        {
            throw new InvalidDataException($"{file}: {TorchError.Reason(reason)}", reason);
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
        foreach (var group in files.Distinct(StringComparer.Ordinal).GroupBy(file => ChannelNumber().Replace(file, "${ending}"), StringComparer.Ordinal))
        {
            string[] members = [.. group.Order(StringComparer.Ordinal)];
            // One file may hold all channels as its fourth axis.
            if (members.Length != channels && members.Length != 1)
                throw new InvalidDataException(
                    $"{group.Key}: expected {channels} channel file(s) as the model has, got {members.Length} ({string.Join(", ", members.Select(Path.GetFileName))}).");
            for (var channel = 0; channel < members.Length; channel++)
                if (ChannelNumber().Match(members[channel]) is { Success: true } number && number.Groups["number"].Value != FormattableString.Invariant($"{channel:0000}"))
                    throw new InvalidDataException(
                        $"{members[channel]}: expected channel {channel:0000} of {group.Key} here, got {number.Groups["number"].Value}; "
                        + "channels are counted from 0000 without a gap (an image of one channel may also do without a number).");
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(group.Key)));
            cases.Add((VolumeEnding.Of(name) is null ? VolumeEnding.Without(name) + DefaultEnding : name, members));
        }

        return cases;
    }

    private static void RequireDistinct(List<(string Name, IReadOnlyList<string> Files)> cases, PredictionRequest request)
    {
        string output = request.Output;
        static string Whole(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (request.Inputs.FirstOrDefault(input => Directory.Exists(input) && Whole(input) == Whole(output)) is { } same)
            throw new InvalidDataException($"{same}: is also the output folder, where labels would be taken for images the next time; give another.");
        if (cases.GroupBy(one => one.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException(
                $"{twice.First().Files[0]} and {twice.Last().Files[0]} would both be written as {twice.Key}; predict them into different folders.");
        foreach (var (name, files) in cases)
            if (files.Any(file => Path.GetFullPath(file) == Path.GetFullPath(Path.Combine(output, name))))
                throw new InvalidDataException($"{files[0]}: its labels would overwrite it; give another output folder.");
    }

    [GeneratedRegex(@"_(?<number>\d{4})(?<ending>\.nii(\.gz)?|\.nrrd|\.nhdr|\.mha|\.mhd)$", RegexOptions.IgnoreCase)]
    private static partial Regex ChannelNumber();
}
