namespace SamMed3D.Transfer;

/// <summary>
/// A small 2D SAM in its simplest form: the image encoder, and a head that outlines what is under one click. The features under the click say which
/// object is meant, as SAM's mask token does, and their product with the enlarged features of every place is the mask.
/// </summary>
internal sealed class ClickedSliceModel : nn.Module<Tensor, Tensor>
{
    /// <summary>Channels of the enlarged features.</summary>
    private const int MaskWidth = 16;

    private readonly Sam2dEncoder image_encoder;
    private readonly nn.Module<Tensor, Tensor> object_head;
    private readonly nn.Module<Tensor, Tensor> mask_head;

    public ClickedSliceModel(Sam2dEncoderOptions options)
        : base(nameof(ClickedSliceModel))
    {
        int width = options.OutputChannels, patch = options.PatchSize;
        image_encoder = new Sam2dEncoder(options);
        object_head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, MaskWidth));
        mask_head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, patch * patch * MaskWidth));
        RegisterComponents();
    }

    /// <summary>The encoder, whose names and tensors are those of a 2D SAM.</summary>
    public Sam2dEncoder Encoder => image_encoder;

    /// <param name="input">[N, 2, X, Y, 1]: intensities and click, as <see cref="ClickedSlices"/> gives them.</param>
    /// <returns>Logits [N, 2, X, Y, 1] of outside and inside; the caller owns them.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var options = image_encoder.Options;
        long count = input.shape[0], grid = options.GridSize, patch = options.PatchSize;
        // An image's columns are the volume's x, its rows y.
        var planes = input.squeeze(4).transpose(2, 3);
        var grey = planes.narrow(1, 0, 1).expand(-1, options.InputChannels, -1, -1).contiguous();
        var tokens = image_encoder.call(grey).permute(0, 2, 3, 1);
        var clicked = planes.narrow(1, 1, 1).reshape(count, grid, patch, grid, patch).sum([2, 4]);
        var wanted = object_head.call((tokens * clicked.unsqueeze(3)).sum([1, 2]));
        var places = mask_head.call(tokens).reshape(count, grid, grid, patch, patch, MaskWidth).permute(0, 1, 3, 2, 4, 5)
            .reshape(count, options.ImageSize, options.ImageSize, MaskWidth);
        var inside = places.matmul(wanted.reshape(count, 1, MaskWidth, 1)).squeeze(3).transpose(1, 2).reshape(count, 1, options.ImageSize, options.ImageSize, 1);
        return cat([zeros_like(inside), inside], 1).MoveToOuterDisposeScope();
    }
}
