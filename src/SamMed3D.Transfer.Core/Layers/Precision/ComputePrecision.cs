#pragma warning disable CA1720 // The names are the types, as everywhere in the field.
namespace SamMed3D.Transfer;

/// <summary>In which type a model multiplies. Parameters, their gradients and the optimizer stay as they are, float32 as a rule.</summary>
public enum ComputePrecision
{
    /// <summary>In the parameters' own type.</summary>
    Float32,

    /// <summary>In bfloat16: half the memory, the range of float32, 8 bits of precision. For GPUs from Ampere on, and CPUs with AVX-512 or AMX.</summary>
    Bfloat16,

    /// <summary>In float16: half the memory, 11 bits of precision, but a range that small gradients fall out of, so that training scales the loss. For older GPUs.</summary>
    Float16,
}
