namespace SamMed3D.Transfer;

/// <summary>
/// One series of DICOM images. Its headers are read and checked here, so that a mixed folder, missing slices or a tilted gantry are
/// noticed whoever reads the pixels; the pixels are read by ITK or another <see cref="IVolumeReader"/>, whose grid must be the same.
/// </summary>
internal sealed class DicomSeries : VolumeSource
{
    private const int MostListed = 8;
    private readonly IReadOnlyList<string> _files;
    private readonly IReadOnlyList<IVolumeReader> _readers;
    private readonly DicomHeader _header;

    private DicomSeries(string path, IReadOnlyList<DicomHeader> headers, IReadOnlyList<IVolumeReader> readers)
        : base(path)
    {
        _header = headers[0];
        _readers = readers;
        (IReadOnlyList<DicomFrame> frames, Geometry) = DicomGrid.Arrange(path, [.. headers.SelectMany(header => header.Frames)], _header.Size, _header.Thickness);
        _files = [.. frames.Select(frame => frame.Path).Distinct()];
    }

    public override string Format =>
        $"DICOM, {(_header.Modality.Length > 0 ? _header.Modality : "unknown modality")}, {Geometry.Size.Z} slices in {_files.Count} files";

    public override Geometry Geometry { get; }

    public override int Channels => 1;

    internal override IReadOnlyList<string> Files => _files;

    /// <summary>Whether a folder has DICOM files, and nothing that is a volume by its name.</summary>
    public static bool IsFolderOf(string folder)
    {
        bool isDicom = false;
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            if (VolumeEnding.Of(file) is not null)
                return false;
            isDicom = isDicom || DicomHeaderReader.Recognises(VolumeFormats.ReadStart(file));
        }
        return isDicom;
    }

    /// <summary>Opens the only series of a folder, or that of a file.</summary>
    /// <exception cref="InvalidDataException">There is none, or several, or it is no even volume; the message has the path and the reason.</exception>
    public static DicomSeries OpenSeries(string path, IReadOnlyList<IVolumeReader> readers)
    {
        DicomHeader? chosen = Directory.Exists(path) ? null : DicomHeaderReader.Read(path);
        if (chosen is { Size.Rows: 0 })
            throw BrokenFile.Because(path, "a DICOM file without an image (a DICOMDIR, a report or a plan); name a file of the series, or its folder");
        string folder = chosen is null ? path : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        List<DicomHeader> images = chosen is { Frames.Count: > 1 } ? [chosen] : [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Where(file => DicomHeaderReader.Recognises(VolumeFormats.ReadStart(file)))
            .Select(DicomHeaderReader.Read).Where(header => header.Size is { Rows: > 0, Columns: > 0 })];
        if (chosen is not null)
            images = [.. images.Where(header => header.Series == chosen.Series)];
        if (images.Count == 0)
            throw BrokenFile.Because(path, "no DICOM images in this folder");
        RequireOneSeries(path, images);
        if (images.Find(header => header.Samples != 1) is { } coloured)
            throw BrokenFile.Because(path, $"{System.IO.Path.GetFileName(coloured.Path)} is a colour image of {coloured.Samples} samples; expected one value a pixel");
        if (images.Find(header => header.Size != images[0].Size) is { } other)
            throw BrokenFile.Because(path, $"the slices of the series have different sizes ({System.IO.Path.GetFileName(images[0].Path)}: "
                + $"{images[0].Size.Columns} x {images[0].Size.Rows}, {System.IO.Path.GetFileName(other.Path)}: {other.Size.Columns} x {other.Size.Rows})");
        return new DicomSeries(path, images, readers);
    }

    public override Volume ReadVolume(long limitBytes = long.MaxValue)
    {
        RequireWithin(1, limitBytes);
        IVolumeReader reader = _readers.FirstOrDefault(one => one.CanRead(_files[0]))
            ?? throw BrokenFile.Because(Path, $"a DICOM series, but {VolumeReaders.HowToGet}");
        Volume volume = reader.Read(_files, limitBytes);
        // Readers may turn axes, as dcm2niix does, but no voxel may change its place.
        Geometry turned = Reorientation.To(volume.Geometry, Geometry.Orientation);
        if (volume.Channels == 1 && turned.Matches(Geometry))
        {
            // On the grid of the headers, which every reader rounds in its own way.
            if (volume.Geometry.Orientation == Geometry.Orientation)
                return new Volume(volume.Values, Geometry);
            using (volume)
                return new Volume(Reorientation.To(volume, Geometry.Orientation).Values, Geometry);
        }
        string found = $"{volume.Channels} channel(s), {volume.Geometry}";
        volume.Dispose();
        throw BrokenFile.Because(Path, $"{reader.Name} put the series elsewhere ({found}) than its headers say ({Geometry}); convert it to NIfTI with another program and compare");
    }

    private protected override void ReadInto(Volume volume, int firstChannel)
    {
        using Volume read = ReadVolume();
        read.Voxels().CopyTo(volume.Voxels(firstChannel));
    }

    private protected override void ReadInto(LabelVolume labels)
    {
        using Volume read = ReadVolume();
        ExternalVolume.ToClasses(Path, read.Voxels(), labels.Voxels());
    }

    private static void RequireOneSeries(string path, List<DicomHeader> images)
    {
        var series = images.GroupBy(header => header.Series, StringComparer.Ordinal).ToList();
        if (series.Count == 1)
            return;
        string list = string.Join("; ", series.Take(MostListed).Select(one =>
            $"{BrokenFile.Quote(one.First().Description)} {one.First().Modality} ({one.Count()} files, such as {System.IO.Path.GetFileName(one.First().Path)})"));
        throw BrokenFile.Because(path, $"the folder has {series.Count} DICOM series: {list}{(series.Count > MostListed ? "; …" : "")}. "
            + "Name a file of the series instead of the folder");
    }
}
