#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// SAM-Med3D's encoder under UNETR: load, say what was loaded, segment a file onto its own grid.
// usage: dotnet run examples/02-unetr-on-sam-med3d.cs -- sam_med3d_turbo.pth CT.nii.gz organs.nii.gz
using SamMed3D.Transfer;

if (args.Length != 3)
{
    Console.Error.WriteLine("usage: dotnet run examples/02-unetr-on-sam-med3d.cs -- sam_med3d_turbo.pth CT.nii.gz organs.nii.gz");
    return 2;
}

using var unetr = Unetr.Create(UnetrOptions.ForSamMed3D(classes: 14));
using (var checkpoint = Checkpoint.Open(args[0]))
{
    LoadReport report = WeightLoader.LoadEncoder(unetr, checkpoint);
    Console.WriteLine(report.Summary);                     // every tensor of the model and of the file
}

// The decoder is still random: train it first (example 03) before you believe the labels.
var preprocessor = new CasePreprocessor(
    new PreprocessingOptions { Spacing = new Double3(1.5, 1.5, 1.5) }, channelCount: 1, classCount: 14);
var segmenter = new VolumeSegmenter(unetr, preprocessor, new SlidingWindowOptions { Window = 128 });
using var volume = Volume.Open(args[1]);
using LabelVolume labels = segmenter.Segment(volume);      // on the grid of the input file
labels.Save(args[2]);
return 0;
