using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SamMed3D.Transfer.Cli;

/// <summary>A command whose help ends with more words and examples.</summary>
internal sealed class ExampleCommand(string name, string description, string more) : Command(name, description)
{
    public string More { get; } = more;

    /// <summary>Lets <c>--help</c> print <see cref="More"/> below the options.</summary>
    public static void ExtendHelp(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new Help((SynchronousCommandLineAction)option.Action!);
    }

    private sealed class Help(SynchronousCommandLineAction standard) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int result = standard.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampleCommand command)
                parseResult.InvocationConfiguration.Output.WriteLine(command.More.ReplaceLineEndings());
            return result;
        }
    }
}
