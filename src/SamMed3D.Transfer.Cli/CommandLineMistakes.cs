using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace SamMed3D.Transfer.Cli;

/// <summary>What is wrong with a command line, in words that say what to do.</summary>
internal static class CommandLineMistakes
{
    /// <summary>A line for each mistake; none when the command can run.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command is RootCommand && parsed.UnmatchedTokens is [var stranger, ..])
            return [stranger.StartsWith('-')
                ? Unknown("option", stranger, Options(command))
                : Unknown("command", stranger, command.Subcommands.Select(known => known.Name))];
        string[] options = [.. UnknownOptions(parsed)];
        if (options.Length > 0)
            return [.. options.Select(option => Unknown("option", option, [.. Options(command), Application.Verbose.Name]))];
        if (parsed.Action is not ParseErrorAction)
            return [];
        return command is RootCommand
            ? [$"expected a command: {string.Join(", ", command.Subcommands.Select(known => known.Name))}."]
            : [.. parsed.Errors.Select(InOurWords)];
    }

    /// <summary>The parser names a .NET type where a word is no number.</summary>
    private static string InOurWords(ParseError error)
    {
        var symbol = error.SymbolResult is ArgumentResult { Parent: OptionResult parent } ? parent : error.SymbolResult;
        if (symbol is not OptionResult { Option: var option, Tokens.Count: > 0 } given || !error.Message.Contains(typeof(int).Namespace + ".", StringComparison.Ordinal))
            return error.Message;
        var type = option.ValueType.GetElementType() ?? Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        bool isWhole = type == typeof(int) || type == typeof(long);
        string wrong = given.Tokens.Select(token => token.Value).Where(text => !(isWhole ? long.TryParse(text, out _) : double.TryParse(text, out _)))
            .DefaultIfEmpty(given.Tokens[^1].Value).First();
        return $"{option.Name}: expected {(isWhole ? "a whole number" : "a number")}, got '{wrong}'.";
    }

    /// <summary>Words that look like options but were taken for a file, or for nothing. What stands behind <c>--</c> is no option.</summary>
    private static IEnumerable<string> UnknownOptions(ParseResult parsed)
    {
        var words = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value).ToHashSet();
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
            .Concat(parsed.UnmatchedTokens)
            .Where(word => word is ['-', not ('-' or '.' or (>= '0' and <= '9')), ..] or ['-', '-', _, ..] && words.Contains(word))
            .Distinct();
    }

    private static IEnumerable<string> Options(Command command) => command.Options.SelectMany(option => option.Aliases.Append(option.Name));

    private static string Unknown(string what, string written, IEnumerable<string> known) =>
        $"no {what} '{written}'{ConfigNames.DidYouMean(written, known)}.";
}
