using System.CommandLine;
using Apprentice.Cli.Terminal;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice compare</c>: the paired test between two prediction files.</summary>
internal static class CompareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> first = new("A.jsonl") { Description = "Predictions of the first model (before)." };
        Argument<string> second = new("B.jsonl") { Description = "Predictions of the second model (after)." };
        Option<string> data = new("--data") { Description = "The labelled rows that both predict.", HelpName = "FILE", Required = true };
        Option<double> threshold = new("--threshold") { Description = "Scores above it count as positive, in both files.", HelpName = "X", DefaultValueFactory = _ => 0.5 };
        Option<double?> secondThreshold = new("--second-threshold") { Description = "As --threshold, for the second file. Default: the same.", HelpName = "X" };
        Option<bool> json = CommonOptions.Json();
        Command command = new("compare", "Tests whether one model's predictions are better than another's on the same rows.") { first, second, data, threshold, secondThreshold, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            double own = parsed.GetValue(threshold);
            PredictionComparison result = await PredictionComparison.RunAsync(
                parsed.GetValue(first)!, parsed.GetValue(second)!, parsed.GetValue(data)!, own, parsed.GetValue(secondThreshold) ?? own, cancellationToken);
            Console.Out.WriteLine(parsed.GetValue(json) ? result.ToJson() : TableText.Draw(result.Table()).TrimEnd());
            return ExitCode.Done;
        });
        return command;
    }
}
