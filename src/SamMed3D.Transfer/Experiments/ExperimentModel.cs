namespace SamMed3D.Transfer;

/// <summary>Builds the network of an experiment and gives it its first weights.</summary>
public static class ExperimentModel
{
    /// <summary>The network with its start's weights, on the CPU; the caller owns it.</summary>
    /// <param name="experiment">Gives the model, the start and the seed.</param>
    /// <param name="report">What was loaded from the start's checkpoint; null for a start without one.</param>
    /// <exception cref="WeightsRefusedException">The checkpoint does not fit.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    public static Unetr Create(Experiment experiment, out LoadReport? report)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        Backbone encoder;
        using (new SeededGenerator(experiment.Seed))
            encoder = experiment.Model.Validated().Backbone.Create();
        Unetr model;
        // Whatever the encoder draws, the decoder begins alike from every start.
        using (new SeededGenerator(~experiment.Seed))
            model = new Unetr(encoder, experiment.Model);
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
    public static Unetr Open(Experiment experiment, string weights, Device device)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        if (experiment.Model.ClassCount == 0)
            throw new InvalidDataException("model.classCount is not set, and there is no data set to take it from; set model.classCount to the number of classes, the background among them.");
        var model = Unetr.Create(experiment.Model);
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
    internal static string? WhyRefused(Experiment experiment, Checkpoint checkpoint) =>
        experiment.Start is InflatedStart start
            ? WeightFamily.Recognise(checkpoint.Tensors).WhyNotInflated ?? start.Inflation.WhyRefused(experiment.Model.Backbone)
            : WeightFamily.Recognise(checkpoint.Tensors).WhyRefused(experiment.Model.Backbone switch
            {
                EncoderOptions => ModelFamily.SamMed3DEncoder,
                PlainViTOptions => ModelFamily.MonaiViT,
                SamAdapterOptions => ModelFamily.Adapter3d,
                _ => ModelFamily.Unknown,
            });

    /// <summary>A whole UNETR goes into the whole model; anything else is asked for its encoder.</summary>
    private static LoadReport? Load(Unetr model, StartOptions start)
    {
        if (start.Source is null)
            return null;
        using var checkpoint = Checkpoint.Open(start.Source);
        LoadReport Load(LoadPolicy policy) => WeightFamily.Recognise(checkpoint.Tensors).Pattern is { IsUnetr: true }
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
