namespace SamMed3D.Transfer;

/// <summary>Builds the network of an experiment and gives it its first weights.</summary>
public static class ExperimentModel
{
    /// <summary>The network with its start's weights, on the CPU; the caller owns it.</summary>
    /// <param name="experiment">Gives the model, the start and the seed.</param>
    /// <param name="report">What was loaded from the start's checkpoint; null for a start without one.</param>
    /// <exception cref="WeightsRefusedException">The checkpoint does not fit.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    public static nn.Module<Tensor, Tensor> Create(Experiment experiment, out LoadReport? report)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var model = Fresh(experiment);
        try
        {
            report = Load(model, experiment.Start);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The network with the weights of a finished run, on a device; the caller owns it.</summary>
    /// <exception cref="WeightsRefusedException">The weights belong to another network.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static nn.Module<Tensor, Tensor> Open(Experiment experiment, string weights, Device device)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        if (experiment.Model.ClassCount == 0)
            throw new InvalidDataException("model.classCount is not set, and there is no data set to take it from; set model.classCount to the number of classes, the background among them.");
        var model = experiment.Model.Create();
        try
        {
            using var checkpoint = Checkpoint.Open(weights);
            WeightLoader.Load(model, checkpoint);
            return model.to(device);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Why a checkpoint cannot start a model, in half a sentence, told from its table of contents alone; null when nothing speaks against it yet.</summary>
    internal static string? WhyRefused(Experiment experiment, Checkpoint checkpoint)
    {
        var family = WeightFamily.Recognise(checkpoint.Tensors);
        var encoder = (experiment.Model as UnetrOptions)?.Backbone;
        return experiment.Start is InflatedStart start && encoder is not null
            ? family.WhyNotInflated ?? start.Inflation.WhyRefused(encoder)
            : family.WhyRefused(encoder switch
            {
                null => ModelFamily.ResidualUnet,
                EncoderOptions => ModelFamily.SamMed3DEncoder,
                PlainViTOptions => ModelFamily.MonaiViT,
                SamAdapterOptions => ModelFamily.Adapter3d,
                _ => ModelFamily.Unknown,
            });
    }

    private static nn.Module<Tensor, Tensor> Fresh(Experiment experiment)
    {
        Backbone? encoder = null;
        using (new SeededGenerator(experiment.Seed))
            encoder = (experiment.Model as UnetrOptions)?.Validated().Backbone.Create();
        // Whatever the encoder draws, the decoder begins alike from every start.
        using (new SeededGenerator(~experiment.Seed))
            return encoder is null ? experiment.Model.Create() : new Unetr(encoder, (UnetrOptions)experiment.Model);
    }

    /// <summary>A whole network goes into the whole model; anything else is asked for its encoder.</summary>
    private static LoadReport? Load(nn.Module<Tensor, Tensor> model, StartOptions start)
    {
        if (start.Source is null)
            return null;
        using var checkpoint = Checkpoint.Open(start.Source);
        LoadReport Load(LoadPolicy policy) => model is not Unetr || WeightFamily.Recognise(checkpoint.Tensors).Pattern is { IsUnetr: true }
            ? WeightLoader.Load(model, checkpoint, policy: policy)
            : WeightLoader.LoadEncoder(model, checkpoint, policy);
        return start switch
        {
            InflatedStart planar => WeightLoader.LoadInflated(model, checkpoint, planar.Inflation, planar.Load),
            FileStart file => Load(file.PolicyFor(model, checkpoint)),
            _ => throw new ArgumentException($"There is no way to load {start.Source} for {start.GetType().Name}.", nameof(start)),
        };
    }
}
