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
        /// <param name="path">NIfTI, NRRD, MetaImage or DICOM: see <see cref="VolumeSource.Open"/>.</param>
        /// <param name="limitBytes">Refuses files whose voxels would take more memory than this, before reading them.</param>
        /// <exception cref="InvalidDataException">
        /// The file is damaged, of another kind, or holds no labels; the message has the path and the reason.
        /// </exception>
        public static LabelVolume Open(string path, long limitBytes = long.MaxValue) => VolumeSource.Open(path).ReadLabels(limitBytes);

        /// <summary>Writes the labels in the smallest integer type that holds them. The file appears whole or not at all.</summary>
        /// <param name="path">
        /// Its ending decides the format: .nii or .nii.gz (NIfTI-1), .nrrd or .nhdr (NRRD), .mha or .mhd (MetaImage). A .nhdr or .mhd gets a
        /// data file beside it.
        /// </param>
        /// <exception cref="ArgumentException">Another ending, or more than 32767 voxels along an axis of a NIfTI file.</exception>
        public void Save(string path) => VolumeFormats.Write(WritableVoxels.Of(labels), path);
    }
}
