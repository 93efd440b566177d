namespace SamMed3D.Transfer;

/// <summary>
/// Opens and saves images: <c>Volume.Open(path)</c>, <c>volume.Save(path)</c>. The content of a file decides its format, not its name.
/// </summary>
public static class VolumeFile
{
    extension(Volume volume)
    {
        /// <summary>Reads an image; a fourth axis becomes channels. Values are scaled as the file says and rounded to float32.</summary>
        /// <param name="path">A NIfTI-1 or NIfTI-2 file: .nii, .nii.gz, or either file of a .hdr and .img pair.</param>
        /// <param name="limitBytes">Refuses files whose voxels would take more memory than this, before reading them.</param>
        /// <exception cref="InvalidDataException">The file is damaged or of another kind; the message has the path and the reason.</exception>
        public static Volume Open(string path, long limitBytes = long.MaxValue) => NiftiFile.Open(path).ReadVolume(limitBytes);

        /// <summary>Reads one image per channel, as nnU-Net's _0000, _0001, … files; all must lie on one grid.</summary>
        /// <param name="channelPaths">The files, in the order of the channels; each holds one volume.</param>
        /// <param name="limitBytes">Refuses files that would together take more memory than this.</param>
        /// <exception cref="InvalidDataException">A file is damaged or has several volumes, or the grids differ.</exception>
        public static Volume Open(IReadOnlyList<string> channelPaths, long limitBytes = long.MaxValue)
        {
            ArgumentNullException.ThrowIfNull(channelPaths);
            if (channelPaths.Count == 0)
                throw new ArgumentException("Expected at least one channel file, got none.", nameof(channelPaths));
            NiftiFile[] files = [.. channelPaths.Select(NiftiFile.Open)];
            foreach (NiftiFile file in files)
            {
                if (file.Channels != 1)
                    throw BrokenFile.Because(file.Path, $"expected one volume in a channel file, got {file.Channels}");
                if (!file.Geometry.Matches(files[0].Geometry))
                    throw BrokenFile.Because(file.Path, $"the grid ({file.Geometry}) differs from that of {files[0].Path} ({files[0].Geometry})");
            }
            return NiftiFile.ReadChannels(files, limitBytes);
        }

        /// <summary>Writes the image as NIfTI-1, float32. The file appears whole or not at all.</summary>
        /// <param name="path">Ends in .nii or .nii.gz.</param>
        /// <exception cref="ArgumentException">Another ending, or more than 32767 voxels along an axis.</exception>
        public void Save(string path) => NiftiWriter.Write(volume, path);
    }
}
