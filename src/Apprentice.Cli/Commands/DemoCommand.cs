using System.CommandLine;
using Apprentice.Cli.Terminal;
using Apprentice.Evaluation;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice demo</c>: the whole idea on built-in data.</summary>
internal static class DemoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> folder = new("--out") { Description = "Folder for all results; what an earlier run finished there is not done again.", HelpName = "DIR", DefaultValueFactory = _ => "runs/demo" };
        Option<bool> json = CommonOptions.Json();
        Command command = new("demo", "Shows the whole idea on built-in data in a few minutes: generate, check, select, train before and after, compare.") { folder, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DemoOptions options = new() { OutputFolder = parsed.GetValue(folder)!, Threads = parsed.GetValue(CommandLine.Threads) ?? Environment.ProcessorCount };
            DemoResult result = await ProgressDisplay.RunAsync(events => Demo.RunAsync(options, events, cancellationToken));
            Console.Out.WriteLine(parsed.GetValue(json) ? JsonReport.Render(result.Report).TrimEnd() : ReportText.Draw(result.Report));
            Console.Error.WriteLine($"The report is {Path.GetFullPath(result.ReportPath)}");
            foreach (string? model in new[] { result.Faults.BestModel, result.Clones.BestModel })
            {
                if (model is not null)
                {
                    Console.Error.WriteLine($"A trained model is in {Path.GetFullPath(model)}");
                }
            }

            return ExitCode.Done;
        });
        return command;
    }
}
