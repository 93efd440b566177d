namespace SamMed3D.Transfer.Tests;

public sealed class PromptFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prompts_of_several_objects_are_read_in_their_order()
    {
        var objects = PromptFile.Read(_folder.Write("prompts.json", """
            {"space": "world", "objects": [
              {"clicks": [{"at": [1, 2.5, -3]}, {"at": [4, 5, 6], "foreground": false}]},
              {"boxes": [{"from": [0, 0, 0], "to": [9, 9, 9]}], "mask": "known.nii.gz"}]}
            """));
        Assert.Equal(2, objects.Count);
        Assert.Equal(
            [new Click(new Double3(1, 2.5, -3), true, CoordinateSpace.World), new Click(new Double3(4, 5, 6), false, CoordinateSpace.World)], objects[0].Clicks);
        Assert.Equal([new BoxPrompt(0, 9, CoordinateSpace.World)], objects[1].Boxes);
        Assert.Equal(_folder.File("known.nii.gz"), objects[1].MaskPath);
    }

    [Theory]
    [InlineData("""{"objects": []}""", "expected \"objects\" with one object or more")]
    [InlineData("""{"objects": [{}]}""", "objects[0]: has no prompt")]
    [InlineData("""{"objects": [{"clicks": [{"at": [1, 2]}]}]}""", "objects[0].clicks[0].at: expected three numbers")]
    [InlineData("""{"objects": [{"clicks": [{"foreground": true}]}]}""", "objects[0].clicks[0]: \"at\" is missing")]
    [InlineData("""{"objects": [{"clicks": [{"at": [1, 2, 3], "label": 1}]}]}""", "objects[0].clicks[0]: unknown name 'label'; expected at, foreground")]
    [InlineData("""{"objects": [{"boxes": [{"from": [1, 2, 3]}]}]}""", "objects[0].boxes[0]: \"to\" is missing")]
    [InlineData("""{"space": "mm", "objects": []}""", "space: expected \"voxel\" or \"world\", got 'mm'")]
    [InlineData("""{"objects": [""", "not valid JSON at line 1")]
    [InlineData("[1, 2, 3]", "expected a JSON object, got a list")]
    public void A_file_of_another_form_is_refused_with_its_place(string text, string reason)
    {
        string path = _folder.Write("prompts.json", text);
        string message = Assert.Throws<InvalidDataException>(() => PromptFile.Read(path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }
}
