using System.Runtime.CompilerServices;

namespace SamMed3D.Transfer.Tests;

/// <summary>What the process of the tests needs before the first.</summary>
internal static class ProcessSetup
{
    [ModuleInitializer]
    internal static void Begin() => ScalarGuard.Install();
}
