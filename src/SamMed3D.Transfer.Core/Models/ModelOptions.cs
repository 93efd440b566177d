namespace SamMed3D.Transfer;

/// <summary>A network that segments volumes: what it takes, what it gives, how it is built.</summary>
public abstract record ModelOptions
{
    /// <summary>Channels of the output, the background among them. 0, until a data set decides it; no network can be built of that.</summary>
    public int ClassCount { get; init; }

    /// <summary>Channels of the volumes that it takes.</summary>
    public abstract int VolumeChannels { get; }

    /// <summary>Voxels of the volumes that it is built for: of a training patch, and of a window of inference.</summary>
    public abstract Size3 VolumeSize { get; }

    /// <summary>Builds the network with fresh weights: [N, C, X, Y, Z] to logits [N, classes, X, Y, Z]. The caller owns it.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public abstract Module<Tensor, Tensor> Create();

    /// <summary>Why a volume of this size cannot be segmented in one piece, naming sizes that can; null when it can.</summary>
    public abstract string? WhyRefused(Size3 volume);

    /// <summary>Throws where no data set has decided the number of classes yet.</summary>
    internal void RequireClasses()
    {
        if (ClassCount == 0)
            throw new ArgumentException("ClassCount is not set; give the number of classes, the background among them.");
    }
}
