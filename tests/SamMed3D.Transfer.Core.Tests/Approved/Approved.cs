namespace SamMed3D.Transfer.Tests;

/// <summary>Builds full-size models on the meta device, where they take no memory, and compares their keys with approved lists.</summary>
internal static class Approved
{
    /// <summary>Keys and shapes of the state dict, sorted, against Approved/NAME.keys.txt.</summary>
    public static void Keys(string name, Func<nn.Module> create)
    {
        string[] expected = File.ReadAllLines(Path.Combine(
            Repository.Root, "tests", "SamMed3D.Transfer.Core.Tests", "Approved", name + ".keys.txt"));
        OnMeta(create, model => Assert.Equal(
            expected,
            model.state_dict().Select(entry => $"{entry.Key} [{string.Join(", ", entry.Value.shape)}]").Order(StringComparer.Ordinal)));
    }

    /// <summary>Values of the parameters, or of some of them.</summary>
    public static long CountParameters(Func<nn.Module> create, Func<TorchSharp.Modules.Parameter, bool>? which = null)
    {
        long count = 0;
        OnMeta(create, model => count = model.parameters().Where(which ?? (_ => true)).Sum(parameter => parameter.numel()));
        return count;
    }

    private static void OnMeta(Func<nn.Module> create, Action<nn.Module> check)
    {
        set_default_device(META);
        try
        {
            using var model = create();
            check(model);
        }
        finally
        {
            set_default_device(CPU);
        }
    }
}
