namespace SamMed3D.Transfer;

/// <summary>
/// Opens and saves images: <c>Volume.Open(path)</c>, <c>volume.Save(path)</c>. The content of a file decides its format, not its name.
/// </summary>
public static class VolumeFile
{
    extension(Volume volume)
    {
        /// <summary>Reads an image; axes that are not of space become channels. Values are scaled as the file says and rounded to float32.</summary>
        /// <param name="path">NIfTI, NRRD, MetaImage or DICOM: see <see cref="VolumeSource.Open"/>.</param>
        /// <param name="limitBytes">Refuses files whose voxels would take more memory than this, before reading them.</param>
        /// <exception cref="InvalidDataException">The file is damaged or of another kind; the message has the path and the reason.</exception>
        public static Volume Open(string path, long limitBytes = long.MaxValue) => VolumeSource.Open(path).ReadVolume(limitBytes);

        /// <summary>Reads an image; DICOM and formats that the library does not know go to the readers given.</summary>
        /// <param name="path">NIfTI, NRRD, MetaImage or DICOM, or what a reader can read.</param>
        /// <param name="readers">Asked in this order, in place of those found on the machine.</param>
        /// <param name="limitBytes">Refuses files whose voxels would take more memory than this, before reading them.</param>
        /// <exception cref="InvalidDataException">The file is damaged or of another kind; the message has the path and the reason.</exception>
        public static Volume Open(string path, IReadOnlyList<IVolumeReader> readers, long limitBytes = long.MaxValue) =>
            VolumeSource.Open(path, readers).ReadVolume(limitBytes);

        /// <summary>Reads one image per channel, as nnU-Net's _0000, _0001, … files; all must lie on one grid.</summary>
        /// <param name="channelPaths">The files, in the order of the channels; each holds one volume.</param>
        /// <param name="limitBytes">Refuses files that would together take more memory than this.</param>
        /// <exception cref="InvalidDataException">A file is damaged or has several volumes, or the grids differ.</exception>
        public static Volume Open(IReadOnlyList<string> channelPaths, long limitBytes = long.MaxValue)
        {
            ArgumentNullException.ThrowIfNull(channelPaths);
            if (channelPaths.Count == 0)
                throw new ArgumentException("Expected at least one channel file, got none.", nameof(channelPaths));
            VolumeSource[] files = [.. channelPaths.Select(path => VolumeSource.Open(path))];
            foreach (VolumeSource file in files)
            {
                if (file.Channels != 1)
                    throw BrokenFile.Because(file.Path, $"expected one volume in a channel file, got {file.Channels}");
                if (!file.Geometry.Matches(files[0].Geometry))
                    throw BrokenFile.Because(file.Path, $"the grid ({file.Geometry}) differs from that of {files[0].Path} ({files[0].Geometry})");
            }
            return VolumeSource.ReadChannels(files, limitBytes);
        }

        /// <summary>Writes the image in float32. The file appears whole or not at all.</summary>
        /// <param name="path">
        /// Its ending decides the format: .nii or .nii.gz (NIfTI-1), .nrrd or .nhdr (NRRD), .mha or .mhd (MetaImage). A .nhdr or .mhd gets a
        /// data file beside it.
        /// </param>
        /// <exception cref="ArgumentException">Another ending, or more than 32767 voxels along an axis of a NIfTI file.</exception>
        public void Save(string path) => VolumeFormats.Write(WritableVoxels.Of(volume), path);
    }
}
