using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SamMed3D.Transfer.Tests;

[Collection("collects memory")]
public sealed class ScalarGuardTests
{
    [Fact]
    public void Scalars_live_until_torch_has_read_them()
    {
        ScalarGuard.Install();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            for (int count = 0; !stop.IsCancellationRequested; count++)
            {
                GC.Collect(count % 10 == 0 ? 1 : 0);
                Thread.Sleep(200);
            }
        });
        collector.Start();
        try
        {
            using var sum = zeros(1_000_000, ScalarType.Int32);
            using var values = ones(1_000_000, ScalarType.Int64);
            // Types differ: torch converts the values before it reads the factor, and takes its time. Without the guard many of them fail. Calls that a
            // busy machine keeps waiting are not counted: they may last longer than the guard lets the finalizer wait where collections come this often.
            int done = 0;
            for (var time = Stopwatch.StartNew(); time.Elapsed < TimeSpan.FromSeconds(5);)
            {
                var call = Stopwatch.StartNew();
                try
                {
                    using var members = values == 1;
                    sum.add_(members);
                    done++;
                }
                catch (ExternalException) when (IsLate(call))
                {
                }

                if (!IsLate(call))
                    continue;
                sum.zero_();
                done = 0;
            }

            Assert.Equal(done, sum.min().item<int>());
            Assert.Equal(done, sum.max().item<int>());
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    private static bool IsLate(Stopwatch call) => call.ElapsedMilliseconds >= 100;
}
