namespace SamMed3D.Transfer;

/// <summary>
/// Normalises each channel of each volume over its voxels (biased variance, epsilon 1e-5, no running statistics).
/// Computed as a group norm of one channel a group: the same numbers, several times faster than LibTorch's instance norm on a CPU.
/// </summary>
internal sealed class InstanceNormalization : Module<Tensor, Tensor>
{
    /// <summary>Of the leaky ReLUs that follow it in every network here.</summary>
    internal const double NegativeSlope = 0.01;

    private const double Epsilon = 1e-5;

    private readonly Parameter? weight;
    private readonly Parameter? bias;

    private readonly int _channels;

    /// <param name="channels">C.</param>
    /// <param name="isAffine">Whether a scale and an offset are learned.</param>
    public InstanceNormalization(int channels, bool isAffine)
        : base(nameof(InstanceNormalization))
    {
        _channels = channels;
        if (isAffine)
        {
            weight = new Parameter(ones(channels));
            bias = new Parameter(zeros(channels));
        }

        RegisterComponents();
    }

    /// <summary>The scale, where there is one.</summary>
    internal Parameter? Scale => weight;

    /// <param name="features">[N, C, X, Y, Z].</param>
    /// <returns>The same shape; no backward pass needs it, so it may be changed in place.</returns>
    public override Tensor forward(Tensor features) =>
        functional.group_norm(features, _channels, Following(weight, features), Following(bias, features), Epsilon);

    /// <summary>The normed result of a convolution, which is let go of at once: at full resolution it is as large as a volume of features.</summary>
    public Tensor Of(ScalingConvolution convolution, Tensor features)
    {
        using var convolved = convolution.call(features);
        return call(convolved);
    }

    /// <summary>LibTorch's statistics are wide for narrow values too; scale and offset have to be of the values' type on a GPU.</summary>
    private static Tensor? Following(Parameter? parameter, Tensor features) => parameter is null ? null : Product.Follow(parameter, features);
}
