using System.Runtime.InteropServices;
using SamMed3D.Transfer;
using SamMed3D.Transfer.Cli;

Allocator.KeepFreedMemory();
ScalarGuard.Install();

// Never disposed: a signal may still come while the process ends.
// The first Ctrl-C asks the running command to stop at a clean place; the second ends the process.
var stop = new CancellationTokenSource();
bool writesNothing = args is ["inspect" or "doctor", ..];
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = !writesNothing && !stop.IsCancellationRequested;
    stop.Cancel();
};
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
});
int code = Application.Run(args, Terminal.ForProcess(), new LibraryRunner(), stop.Token);
// A tensor that is freed by the finalizer while the process takes torch apart would be freed into nothing.
ScalarGuard.Uninstall();
GC.Collect();
GC.WaitForPendingFinalizers();
return code;
