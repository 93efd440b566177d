using TorchSharp.Modules;

namespace SamMed3D.Transfer.Tests;

internal sealed record TinyEncoderOptions : BackboneOptions
{
    public override Backbone Create() => new TinyEncoder(this);

    public override string? WhyRefused(Size3 volume) => null;
}

/// <summary>As little of an encoder as has both kinds of position tables and a layer.</summary>
internal sealed class TinyEncoder : Backbone
{
    private readonly Parameter pos_embed;
    private readonly Parameter rel_pos_d;
    private readonly Linear proj;

    public TinyEncoder(BackboneOptions options)
        : base(nameof(TinyEncoder))
    {
        Options = options;
        pos_embed = new Parameter(zeros([1, options.Grid.X, options.Grid.Y, options.Grid.Z, 2]));
        rel_pos_d = new Parameter(zeros(2 * options.Grid.X - 1, 3));
        proj = nn.Linear(2, 3);
        RegisterComponents();
    }

    public override BackboneOptions Options { get; }

    public static TinyEncoder Of(Size3 grid) => new(new TinyEncoderOptions { ImageSize = new(grid.X * 2, grid.Y * 2, grid.Z * 2), PatchSize = 2 });

    public override BackboneFeatures Features(Tensor volume, IReadOnlyList<FeatureTap> taps) => throw new NotSupportedException();

    public override Tensor forward(Tensor input) => throw new NotSupportedException();
}

/// <summary>A module with an encoder in the field that a UNETR has it in.</summary>
internal sealed class TinySegmenter : nn.Module<Tensor, Tensor>
{
    private readonly TinyEncoder vit;
    private readonly Linear decoder;

    public TinySegmenter(Size3 grid)
        : base(nameof(TinySegmenter))
    {
        vit = TinyEncoder.Of(grid);
        decoder = nn.Linear(3, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => throw new NotSupportedException();
}
