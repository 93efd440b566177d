namespace SamMed3D.Transfer;

/// <summary>Opens and saves images: <c>Volume.Open(path)</c>, <c>volume.Save(path)</c>. The content of a file decides its format, not its name.</summary>
public static class VolumeFile
{
    extension(Volume volume)
    {
        /// <summary>Reads an image; a fourth axis becomes channels. Values are scaled as the file says and rounded to float32.</summary>
        /// <param name="path">A NIfTI-1 or NIfTI-2 file: .nii, .nii.gz, or either file of a .hdr and .img pair.</param>
        /// <param name="limitBytes">Refuses files whose voxels would take more than this, before reading them.</param>
        /// <exception cref="InvalidDataException">The file is damaged or of another kind; the message has the path and the reason.</exception>
        public static Volume Open(string path, long limitBytes = long.MaxValue) => throw new NotImplementedException();

        /// <summary>Reads one image per channel, as nnU-Net's _0000, _0001, … files; all must lie on one grid.</summary>
        /// <exception cref="InvalidDataException">A file is damaged, or the grids differ.</exception>
        public static Volume Open(IReadOnlyList<string> channelPaths, long limitBytes = long.MaxValue) => throw new NotImplementedException();

        /// <summary>Writes the image as NIfTI-1, float32. The file appears whole or not at all.</summary>
        /// <param name="path">Ends in .nii or .nii.gz.</param>
        public void Save(string path) => throw new NotImplementedException();
    }
}
