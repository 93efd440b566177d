namespace SamMed3D.Transfer;

/// <summary>Lets a model compute in another precision; disposing it puts every part back to what it computed in.</summary>
internal sealed class PrecisionMode : IDisposable
{
    private readonly (IComputesNarrow Part, ComputePrecision Precision)[] _before;

    /// <param name="model">The model.</param>
    /// <param name="precision">The type; null to leave everything as it is.</param>
    /// <exception cref="ArgumentException">No part of the model can compute in fewer bits.</exception>
    public PrecisionMode(Module? model, ComputePrecision? precision)
    {
        if (model is null || precision is not { } wanted)
        {
            _before = [];
            return;
        }

        _before = [.. MixedPrecision.Parts(model).Select(part => (part, part.Precision))];
        MixedPrecision.Apply(model, wanted);
    }

    public void Dispose()
    {
        foreach (var (part, precision) in _before)
            part.Precision = precision;
    }
}
