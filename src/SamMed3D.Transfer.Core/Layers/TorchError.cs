namespace SamMed3D.Transfer;

/// <summary>The reason in an exception of LibTorch, whose messages go on with its own stack.</summary>
internal static class TorchError
{
    private const string Stack = "Exception raised from";

    /// <summary>The message on one line, without LibTorch's stack and .NET's name of the parameter.</summary>
    public static string Reason(Exception error)
    {
        string message = error.Message;
        int stack = message.IndexOf(Stack, StringComparison.Ordinal);
        message = (stack < 0 ? message : message[..stack]).Trim().ReplaceLineEndings(" ");
        return error is ArgumentException { ParamName: { } parameter } ? message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal) : message;
    }
}
