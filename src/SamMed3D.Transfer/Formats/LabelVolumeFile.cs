namespace SamMed3D.Transfer;

/// <summary>
/// Opens and saves labels: <c>LabelVolume.Open(path)</c>, <c>labels.Save(path)</c>. The content of a file decides its format, not its
/// name.
/// </summary>
public static class LabelVolumeFile
{
    extension(LabelVolume labels)
    {
        /// <summary>Reads labels; every stored value must be a whole number that fits 32 bits.</summary>
        /// <param name="path">A NIfTI-1 or NIfTI-2 file: .nii, .nii.gz, or either file of a .hdr and .img pair.</param>
        /// <param name="limitBytes">Refuses files whose voxels would take more memory than this, before reading them.</param>
        /// <exception cref="InvalidDataException">
        /// The file is damaged, of another kind, or holds no labels; the message has the path and the reason.
        /// </exception>
        public static LabelVolume Open(string path, long limitBytes = long.MaxValue) => NiftiFile.Open(path).ReadLabels(limitBytes);

        /// <summary>Writes the labels as NIfTI-1, in the smallest integer type that holds them. The file appears whole or not at all.</summary>
        /// <param name="path">Ends in .nii or .nii.gz.</param>
        /// <exception cref="ArgumentException">Another ending, or more than 32767 voxels along an axis.</exception>
        public void Save(string path) => NiftiWriter.Write(labels, path);
    }
}
