namespace SamMed3D.Transfer;

/// <summary>
/// Keeps TorchSharp's short-lived scalars from being freed while torch still reads them. For programs: the library itself sets nothing of
/// the process, the command line does call <see cref="Install"/>, and so should any program that trains for hours.
/// </summary>
/// <remarks>
/// <para>
/// TorchSharp 0.107 hands native code the bare address of a <see cref="Scalar"/>: the hidden factor 1 of <c>a + b</c>, the 2 of <c>x * 2</c>, the
/// rates of its optimizers. From then on nothing refers to the object. A collection that another thread starts in that moment (a loader, a
/// timer) lets the finalizer free it; torch then reads freed memory, and the operation fails ("argument alpha must not be …", "Unknown scalar type") or,
/// at worst, multiplies by another number.
/// </para>
/// <para>
/// The guard lets the finalizer of each collection wait a moment before it frees anything; torch reads scalars when an operation begins. It
/// relies on the runtime's order, in which what has lived longest of the youngest generation is finalized first. Freed memory comes back that moment later.
/// </para>
/// </remarks>
public static class ScalarGuard
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);
    private static int _isInstalled;

    /// <summary>Guards the process from now on. A second call does nothing.</summary>
    public static void Install()
    {
        if (Interlocked.Exchange(ref _isInstalled, 1) == 0)
            Gate.Leave();
    }

    /// <summary>Garbage from the start: every collection finalizes it, and it leaves another for the next.</summary>
    private sealed class Gate
    {
        public static void Leave() => GC.KeepAlive(new Gate());

        ~Gate()
        {
            Leave();
            Thread.Sleep(Moment);
        }
    }
}
