using SamMed3D.Transfer;
using SamMed3D.Transfer.Benchmarks;
using SamMed3D.Transfer.Cli;

ScalarGuard.Install();

// The system's allocator as it is, unless told to do as the command line does; for both algorithms alike.
if (args is [.. var rest, "--keep-memory"])
{
    Allocator.KeepFreedMemory();
    args = rest;
}

switch (args)
{
    case ["encoder"]:
        EncoderBenchmark.Run(repeats: 9);
        return 0;
    case ["encoder", "--repeats", var repeats] when int.TryParse(repeats, out int count) && count > 0:
        EncoderBenchmark.Run(count);
        return 0;
    case ["step", var edge, var batch, var repeats]
        when int.TryParse(edge, out int voxels) && voxels > 0 && int.TryParse(batch, out int patches) && patches > 0 && int.TryParse(repeats, out int runs) && runs > 0:
        StepBenchmark.Run(voxels, patches, runs);
        return 0;
    case ["plain", var edge, var batch, var repeats]
        when int.TryParse(edge, out int voxels) && voxels > 0 && int.TryParse(batch, out int patches) && patches > 0 && int.TryParse(repeats, out int runs) && runs > 0:
        StepBenchmark.RunPlain(voxels, patches, runs);
        return 0;
    case ["promptable"]:
        PromptableBenchmark.Run(repeats: 3);
        return 0;
    case ["promptable", "--repeats", var repeats] when int.TryParse(repeats, out int count) && count > 0:
        PromptableBenchmark.Run(count);
        return 0;
    case ["metrics"]:
        MetricsBenchmark.Run(repeats: 3);
        return 0;
    case ["metrics", "--repeats", var repeats] when int.TryParse(repeats, out int count) && count > 0:
        MetricsBenchmark.Run(count);
        return 0;
    case ["loader", var scratch]:
        LoaderBenchmark.Run(steps: 40, scratch, edge: 512);
        return 0;
    case ["loader", var scratch, "--steps", var steps, "--edge", var edge]
        when int.TryParse(steps, out int stepCount) && stepCount > 0 && int.TryParse(edge, out int voxels) && voxels >= 64:
        LoaderBenchmark.Run(stepCount, scratch, voxels);
        return 0;
    case ["checkpoint", var path]:
        FormulaCheckpoint.Write(path);
        return 0;
    case ["load", var folder]:
        LargeCheckpoint.Run(folder, gigabytes: 2.5);
        return 0;
    case ["load", var folder, "--gigabytes", var size]
        when double.TryParse(size, System.Globalization.CultureInfo.InvariantCulture, out double gigabytes) && gigabytes > 0:
        LargeCheckpoint.Run(folder, gigabytes);
        return 0;
    default:
        Console.Error.WriteLine("usage: encoder [--repeats N] [--keep-memory]   published encoder algorithm against ours: time, memory, difference");
        Console.Error.WriteLine("       step EDGE BATCH REPEATS [--keep-memory]   encoder and UNETR, forward and step, float32 and bfloat16, against their floor: time and memory");
        Console.Error.WriteLine("       plain EDGE BATCH REPEATS [--keep-memory]   a training step of UNETR against the same network written plainly: time, memory, difference");
        Console.Error.WriteLine("       promptable [--repeats N] [--keep-memory]   the first click on an image against the next ones");
        Console.Error.WriteLine("       metrics [--repeats N]   components, distance transform, surface metrics at 256^3 and 512x512x256: time a voxel");
        Console.Error.WriteLine("       loader FOLDER [--steps 40 --edge 512]   how long training waits for batches, with 0, 1 and 2 workers; the folder is deleted afterwards");
        Console.Error.WriteLine("       checkpoint FILE.pth     a full-size SAM-Med3D encoder in the released naming, weights by formula");
        Console.Error.WriteLine("       load FOLDER [--gigabytes 2.5]   a large checkpoint, written to the folder, loaded, deleted: time and peak memory");
        return 2;
}
