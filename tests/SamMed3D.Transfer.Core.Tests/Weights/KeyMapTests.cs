namespace SamMed3D.Transfer.Tests;

public sealed class KeyMapTests
{
    [Theory]
    [InlineData("image_encoder.blocks.0.attn.qkv.weight", "vit.blocks.0.attn.qkv.weight")]
    [InlineData("module.image_encoder.pos_embed", "vit.pos_embed")]
    [InlineData("pos_embed", "vit.pos_embed")]
    [InlineData("mask_decoder.iou_token.weight", null)]
    [InlineData("module.prompt_encoder.no_mask_embed.weight", null)]
    public void SAM_Med3D_keys_find_their_place_in_a_Unetr(string key, string? expected) =>
        Assert.Equal(expected, SamMed3DKeys.ToUnetr.Apply(key));

    [Fact]
    public void The_first_rule_that_fits_is_used()
    {
        var map = new KeyMap { Rules = [new("a.b.", "first."), new("a.", "second.")] };
        Assert.Equal("first.c", map.Apply("a.b.c"));
        Assert.Equal("second.c", map.Apply("a.c"));
        Assert.Equal("other.c", map.Apply("other.c"));
    }
}
