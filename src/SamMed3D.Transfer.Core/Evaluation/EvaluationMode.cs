namespace SamMed3D.Transfer;

/// <summary>Puts a model in evaluation mode without gradients; disposing it puts every submodule back into the mode it had.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly (Module Module, bool WasTraining)[] _modes;
    private readonly IDisposable _noGradient;

    public EvaluationMode(Module model)
    {
        // Parents come before their children, so that restoring in this order leaves each child with its own mode.
        _modes = [(model, model.training), .. model.named_modules().Select(child => (child.module, child.module.training))];
        _noGradient = no_grad();
        model.eval();
    }

    public void Dispose()
    {
        _noGradient.Dispose();
        foreach (var (module, wasTraining) in _modes)
            if (module.training != wasTraining)
                module.train(wasTraining);
    }
}
