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
        Assert.Equal(expected, KnownFamilies.All[0].ToEncoder.Under("vit.").Apply(key));

    [Fact]
    public void The_first_rule_that_fits_is_used()
    {
        var map = new KeyMap { Rules = [new("a.b.", "first."), new("a.", "second.")] };
        Assert.Equal("first.c", map.Apply("a.b.c"));
        Assert.Equal("second.c", map.Apply("a.c"));
        Assert.Equal("other.c", map.Apply("other.c"));
    }

    [Theory]
    [InlineData("blocks.*.cross_attn.", "blocks.0.cross_attn.to_q.weight", true)]
    [InlineData("blocks.*.cross_attn.", "blocks.11.cross_attn.out_proj.bias", true)]
    [InlineData("blocks.*.cross_attn.", "blocks.0.norm_cross_attn.weight", false)]
    [InlineData("blocks.*.cross_attn.", "blocks.0.attn.qkv.weight", false)]
    [InlineData("blocks.*.cross_attn.", "blocks.0", false)]
    [InlineData("mask_decoder.", "mask_decoder.iou_token.weight", true)]
    [InlineData("mask_decoder.", "image_encoder.mask_decoder.weight", false)]
    public void A_star_stands_for_one_part_of_a_name(string prefix, string key, bool expected) =>
        Assert.Equal(expected, new IgnoredKeys(prefix, "part").Covers(key));

    [Fact]
    public void Wrapping_modules_are_taken_off_however_often_they_are_there()
    {
        var map = new KeyMap { Stripped = KnownFamilies.Wrappers };
        Assert.Equal("a.b", map.Apply("module._orig_mod.a.b"));
        Assert.Equal("a.b", map.Apply("model.module.module.a.b"));
        Assert.Equal("modules.a.b", map.Apply("modules.a.b"));
    }

    [Fact]
    public void A_key_that_is_left_out_says_what_it_belongs_to()
    {
        var map = new KeyMap { Ignored = [new("mask_decoder.", "mask decoder")] };
        Assert.Null(map.Apply("module.mask_decoder.x"));
        Assert.Equal("mask decoder", map.WhatIgnored("module.mask_decoder.x"));
        Assert.Null(map.WhatIgnored("image_encoder.x"));
    }
}
