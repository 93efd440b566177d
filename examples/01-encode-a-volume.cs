#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// Features of a volume from SAM-Med3D's image encoder.
// usage: dotnet run examples/01-encode-a-volume.cs -- CT.nii.gz sam_med3d_turbo.pth
using SamMed3D.Transfer;
using static TorchSharp.torch;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run examples/01-encode-a-volume.cs -- CT.nii.gz sam_med3d_turbo.pth");
    return 2;
}

using var encoder = new ImageEncoder(EncoderOptions.SamMed3D);
using (var checkpoint = Checkpoint.Open(args[1]))
    Console.WriteLine(WeightLoader.LoadEncoder(encoder, checkpoint).Summary);

// As the released model was trained: 1.5 mm, RAS+, 128^3 about the middle, z-score over the voxels above 0.
using var file = Volume.Open(args[0]);
using var resampled = Resampler.ToSpacing(file, new Double3(1.5, 1.5, 1.5));
using var canonical = Reorientation.ToCanonical(resampled);
using var cropped = CropOrPad.AroundCentre(canonical.Geometry, 128).Apply(canonical);
using var normalised = IntensityNormalization.ZScoreOverPositive(cropped);

using var noGradient = no_grad();
using var input = normalised.Values.unsqueeze(0);
using var embedding = encoder.call(input);
Console.WriteLine($"embedding [{string.Join(", ", embedding.shape)}]");
using var features = encoder.Features(input, [2, 5, 8, 11]);
foreach (var map in features.Maps)
    Console.WriteLine($"block {map.Tap.Block}: {map.Channels} channels, stride {map.Stride}, [{string.Join(", ", map.Values.shape)}]");
return 0;
