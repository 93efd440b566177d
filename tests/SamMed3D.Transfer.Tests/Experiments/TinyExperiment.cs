namespace SamMed3D.Transfer.Tests;

/// <summary>An experiment that trains in a moment, on five made-up people.</summary>
internal static class TinyExperiment
{
    /// <summary>Makes the data where they are not there yet.</summary>
    /// <param name="root">Folder in which data and runs lie.</param>
    /// <param name="steps">Training steps.</param>
    public static Experiment In(string root, int steps = 3)
    {
        string data = Path.Combine(root, "data");
        if (!Directory.Exists(data))
            SyntheticAnatomy.Write(data, new SyntheticAnatomyOptions { TrainingCases = 5, TestCases = 1, Size = new(24, 24, 16) });
        return On(data, root, steps);
    }

    /// <summary>The same on a data set that is there.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="output">Folder in which runs lie.</param>
    /// <param name="steps">Training steps.</param>
    public static Experiment On(string data, string output, int steps = 3)
    {
        var quick = Quickstart.CreateExperiment(data, output, steps);
        var model = (UnetrOptions)quick.Model;
        return (quick with
        {
            Data = quick.Data with { Preprocessing = new PreprocessingOptions { Spacing = new Double3(14, 12, 16), Normalization = Normalization.CtClip } },
            Model = model with
            {
                Backbone = (EncoderOptions)model.Backbone with { ImageSize = 16, PatchSize = 8, EmbeddingWidth = 24, BlockCount = 3, HeadCount = 3 },
            },
        }).Completed();
    }
}
