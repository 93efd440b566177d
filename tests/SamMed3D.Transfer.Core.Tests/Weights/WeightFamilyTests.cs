namespace SamMed3D.Transfer.Tests;

public sealed class WeightFamilyTests
{
    public static TheoryData<int> Rows() => [.. Enumerable.Range(0, KnownFamilies.All.Count)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_one_row_of_the_table_describes_no_other_row_accepts(int row)
    {
        var pattern = KnownFamilies.All[row];
        WeightInfo[] tensors = [.. Example(pattern)];
        Assert.Same(pattern, WeightFamily.Recognise(tensors).Pattern);
        var byName = tensors.ToDictionary(info => info.Name);
        Assert.Single(KnownFamilies.All, other => other.Clues.All(clue => clue.Holds(byName)));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Wrapping_modules_hide_no_family(int row)
    {
        var pattern = KnownFamilies.All[row];
        Assert.Same(pattern, WeightFamily.Recognise([.. Example(pattern).Select(info => info with { Name = "module._orig_mod." + info.Name })]).Pattern);
    }

    [Fact]
    public void The_number_of_tensors_does_not_matter()
    {
        var tensors = Example(KnownFamilies.All[0]).ToList();
        for (var extra = 0; extra < 300; extra++)
            tensors.Add(new($"optimizer.state.{extra}", [3], ScalarType.Float32));
        Assert.Equal(ModelFamily.SamMed3D, WeightFamily.Recognise(tensors).Family);
    }

    [Theory]
    [InlineData(768, 12, "2D SAM or MedSAM (vit_b)")]
    [InlineData(1024, 24, "2D SAM or MedSAM (vit_l)")]
    [InlineData(1280, 32, "2D SAM or MedSAM (vit_h)")]
    [InlineData(768, 13, "2D SAM or MedSAM")]
    public void The_sizes_of_SAM_are_told_by_width_and_depth(int width, int depth, string name)
    {
        WeightInfo[] tensors =
        [
            new("image_encoder.patch_embed.proj.weight", [width, 3, 16, 16], ScalarType.Float32),
            new("image_encoder.neck.0.weight", [256, width, 1, 1], ScalarType.Float32),
            new($"image_encoder.blocks.{depth - 1}.norm1.weight", [width], ScalarType.Float32),
        ];
        var family = WeightFamily.Recognise(tensors);
        Assert.Equal(name, family.Name);
        Assert.Contains($"image_encoder.patch_embed.proj.weight [{width}, 3, 16, 16]", family.Reason);
    }

    [Fact]
    public void The_shapes_tell_how_an_encoder_is_built()
    {
        using var encoder = new ImageEncoder(new EncoderOptions
        {
            ImageSize = 16, PatchSize = 4, EmbeddingWidth = 12, HeadCount = 3, BlockCount = 4, WindowSize = 3, GlobalBlocks = [1, 3], OutputChannels = 8,
        });
        var architecture = WeightFamily.Recognise(Infos(encoder, "image_encoder.")).Architecture!;
        Assert.Equal(
            "width 12, 4 blocks, 3 heads, patch 4, window 3, global blocks 1 3, grid 4 x 4 x 4, 1 input channel",
            architecture.ToString());
    }

    [Fact]
    public void The_shapes_of_the_released_encoder_tell_its_published_options()
    {
        var options = EncoderOptions.SamMed3D;
        var tensors = new List<WeightInfo>
        {
            new("pos_embed", [1, 8, 8, 8, 768], ScalarType.Float32), new("patch_embed.proj.weight", [768, 1, 16, 16, 16], ScalarType.Float32),
            new("neck.0.weight", [384, 768, 1, 1, 1], ScalarType.Float32),
        };
        tensors.AddRange(Enumerable.Range(0, 12).Select(block =>
            new WeightInfo($"blocks.{block}.attn.rel_pos_h", [options.IsGlobal(block) ? 15 : 27, 64], ScalarType.Float32)));
        var architecture = WeightFamily.Recognise(tensors).Architecture!;
        Assert.Equal((options.EmbeddingWidth, options.BlockCount, options.HeadCount, options.PatchSize, options.WindowSize), (
            architecture.EmbeddingWidth!.Value, architecture.BlockCount!.Value, architecture.HeadCount!.Value, architecture.PatchSize!.Value,
            architecture.WindowSize!.Value));
        Assert.Equal(options.GlobalBlocks, architecture.GlobalBlocks);
    }

    [Fact]
    public void An_unknown_checkpoint_says_what_came_closest_and_what_speaks_against_it()
    {
        WeightInfo[] tensors =
        [
            new("image_encoder.patch_embed.seq.0.c.weight", [64, 3, 3, 3], ScalarType.Float32),
            new("image_encoder.neck.0.weight", [256, 320, 1, 1], ScalarType.Float32), new("mask_decoder.iou_token.weight", [1, 256], ScalarType.Float32),
        ];
        var family = WeightFamily.Recognise(tensors);
        Assert.Equal(ModelFamily.Unknown, family.Family);
        Assert.StartsWith("closest to SAM-Med3D, but it has no image_encoder.patch_embed.proj.weight; 3 keys", family.Reason);
        Assert.Null(family.Pattern);
    }

    [Fact]
    public void Nothing_known_says_so() =>
        Assert.StartsWith("no known pattern among 1 keys such as layer1.0.conv1.weight",
            WeightFamily.Recognise([new("layer1.0.conv1.weight", [64, 64, 3, 3], ScalarType.Float32)]).Reason);

    /// <summary>As few tensors as the row's clues ask for.</summary>
    private static IEnumerable<WeightInfo> Example(FamilyPattern pattern) => pattern.Clues.Where(clue => !clue.IsAbsent).Select(clue =>
        new WeightInfo(clue.Key.EndsWith('.') ? clue.Key + "0.weight" : clue.Key, [.. Enumerable.Repeat(2L, clue.Rank ?? 1)], ScalarType.Float32));

    private static WeightInfo[] Infos(nn.Module module, string prefix) =>
        [.. module.state_dict().Select(pair => new WeightInfo(prefix + pair.Key, pair.Value.shape, pair.Value.dtype))];
}
