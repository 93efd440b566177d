#:project ../src/SamMed3D.Transfer/SamMed3D.Transfer.csproj

// A 2D SAM's image encoder, inflated to 3D, under UNETR: say what became of every tensor, and what will learn.
// usage: dotnet run examples/05-inflate-a-2d-sam.cs -- sam_vit_b_01ec64.pth
using SamMed3D.Transfer;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: dotnet run examples/05-inflate-a-2d-sam.cs -- sam_vit_b_01ec64.pth");
    return 2;
}

// Widths and windows of vit_b, and the textbook relative positions that 2D SAM was trained with.
using var unetr = Unetr.Create(new UnetrOptions { Backbone = EncoderOptions.InflatedSamViTB, ClassCount = 14 });
using (var checkpoint = Checkpoint.Open(args[0]))
{
    // Replicate is the published way; ReplicateMean keeps the scale of what the blocks were trained on.
    LoadReport report = WeightLoader.LoadInflated(unetr, checkpoint, new InflationOptions { Variant = InflationVariant.ReplicateMean });
    Console.WriteLine(report.Summary);
}

// The head first; after 500 steps the encoder joins, block by block from the last, each layer slower than the one after it.
var training = new TrainingOptions { Freezing = new UnfreezeGradually { AfterSteps = 500, StepsPerBlock = 50 }, LayerRateDecay = 0.75 };
Console.WriteLine(new ParameterGroups(unetr, training).Table);
return 0;
