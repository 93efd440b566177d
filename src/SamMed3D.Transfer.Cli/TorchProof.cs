using System.Runtime.CompilerServices;
using TorchSharp;

namespace SamMed3D.Transfer.Cli;

/// <summary>What torch says about itself, with a small computation as proof that it works.</summary>
internal sealed record TorchProof(string LibTorchVersion, int Threads, int CudaDevices, double Result)
{
    /// <summary>1 + 2 + … + 64, squared: what <see cref="Result"/> must be.</summary>
    public const double Expected = 2080.0 * 2080.0;

    /// <summary>The proof, or why torch does not work, in the words of the first cause.</summary>
    public static (TorchProof? Proof, string? Failure) Try()
    {
        try
        {
            return (Compute(), null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Whatever goes wrong while natives load is what this command is there to explain.
            while (error.InnerException is { } inner)
                error = inner;
            return (null, $"{error.GetType().Name}: {error.Message.Split('\n')[0].Trim()}");
        }
    }

    /// <summary>Apart, so that types of TorchSharp are touched inside the try block.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TorchProof Compute()
    {
        using var scope = torch.NewDisposeScope();
        var row = torch.arange(1, 65, torch.ScalarType.Float32).reshape(1, 64);
        var outer = row.t().mm(row); // [64, 64], the products i * k.
        return new TorchProof(
            torch.__version__, torch.get_num_threads(), torch.cuda.is_available() ? torch.cuda.device_count() : 0, outer.sum().item<float>());
    }
}
