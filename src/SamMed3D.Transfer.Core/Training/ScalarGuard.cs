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
/// The guard lets the finalizer wait after each collection, until a moment has passed without another, before it frees anything; torch reads
/// scalars when an operation begins. It relies on the runtime's order, in which what has lived longest of the youngest generation is finalized first.
/// Memory that waits for the finalizer comes back that moment later. Where collections come faster than that, the moment is halved every few seconds:
/// it ends as at least half the time that usually lies between two of them, and the finalizer gets to work within about a quarter of a minute.
/// </para>
/// </remarks>
public static class ScalarGuard
{
    // ms. On a busy machine a thread may be kept waiting for a tenth of a second in the middle of an operation.
    private const int Moment = 250, Patience = 2000;
    private static volatile int _isInstalled;

    /// <summary>Guards the process from now on. A second call does nothing.</summary>
    public static void Install()
    {
        if (Interlocked.Exchange(ref _isInstalled, 1) == 0)
            Gate.Leave();
    }

    /// <summary>Lets finalizers run at once again, as at the end of a program that waits for them.</summary>
    public static void Uninstall() => _isInstalled = 0;

    /// <summary>Garbage from the start: every collection has one to finalize.</summary>
    private sealed class Gate
    {
        // Collections there had been when the last moment of quiet was over. Only the finalizer's thread uses it.
        private static int _waitedFor = -1;

        public static void Leave() => GC.KeepAlive(new Gate());

        ~Gate()
        {
            int collections = GC.CollectionCount(0);
            if (_isInstalled == 0 || collections == _waitedFor)
                return;
            Leave();
            int quiet = 0;
            for (int waited = 0; quiet < Moment >> (waited / Patience) && _isInstalled == 1; waited++, quiet++)
            {
                Thread.Sleep(1);
                if (GC.CollectionCount(0) == collections)
                    continue;
                // What a collection finds meanwhile comes before all that has waited: it needs a gate of its own.
                collections = GC.CollectionCount(0);
                Leave();
                quiet = 0;
            }

            _waitedFor = collections;
        }
    }
}
