using System.Text;

namespace SamMed3D.Transfer;

/// <summary>The one-line error of a file that cannot be read: its path and the reason.</summary>
internal static class BrokenFile
{
    private const int LongestQuote = 120;

    /// <summary>The exception to throw.</summary>
    public static InvalidDataException Because(string path, string reason, Exception? cause = null) =>
        new($"{path}: {string.Concat(reason.Select(letter => char.IsControl(letter) ? ' ' : letter))}", cause);

    /// <summary>What an exception says without the path, where that stands beside it.</summary>
    public static string ReasonOf(string path, Exception error) =>
        error.Message.StartsWith($"{path}: ", StringComparison.Ordinal) ? error.Message[(path.Length + 2)..] : error.Message;

    /// <summary>Text that came from the file, made fit for one line of a message.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char letter in text)
        {
            if (quoted.Length > LongestQuote)
                return quoted.Append("…'").ToString();
            quoted.Append(char.IsControl(letter) ? '?' : letter);
        }

        return quoted.Append('\'').ToString();
    }
}
