using System.CommandLine;
using Apprentice.Cli.Terminal;
using Apprentice.Evaluation;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice evaluate</c>: scores a recipe's models, or any model or predictions on a file.</summary>
internal static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> task = new("--task") { Description = $"Task of the data: {string.Join(", ", DatasetEvaluationOptions.Tasks)}.", HelpName = "TASK" };
        Option<string?> data = new("--data") { Description = "Labelled rows: JSON Lines, plain or packed as .gz or .xz; see docs/formats.md.", HelpName = "FILE" };
        Option<string?> model = new("--model") { Description = "Model that predicts: a folder, or 'builtin'.", HelpName = "DIR|builtin" };
        Option<string?> predictionsIn = new("--predictions-in") { Description = "Score these predictions instead of a model's.", HelpName = "FILE" };
        Option<string[]> baselines = new("--baseline")
        {
            Description = $"Scorer without a model to put beside it: {string.Join(", ", DatasetEvaluationOptions.BaselineNames("fault-localization").Concat(DatasetEvaluationOptions.BaselineNames("clone-detection")))}. May be given more than once.",
            HelpName = "NAME",
        };
        Option<string?> predictions = new("--predictions") { Description = "Write one prediction a row to this file.", HelpName = "OUT.jsonl" };
        Option<double?> threshold = new("--threshold") { Description = "Scores above it count as positive. Default: the model's own, or 0.5.", HelpName = "X" };
        Option<bool> json = CommonOptions.Json();
        Command command = new("evaluate", "Scores any model or predictions on a file of labelled rows, with intervals.")
        {
            task, data, model, predictionsIn, baselines, predictions, threshold, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? taskName = parsed.GetValue(task);
            string? dataFile = parsed.GetValue(data);
            if (taskName is null || dataFile is null)
            {
                throw new UsageException("Give --task and --data.");
            }

            DatasetEvaluationOptions options = new()
            {
                Task = taskName, Data = dataFile, Model = parsed.GetValue(model), PredictionsIn = parsed.GetValue(predictionsIn),
                Baselines = parsed.GetValue(baselines) ?? [], PredictionsOut = parsed.GetValue(predictions), Threshold = parsed.GetValue(threshold),
            };
            UsageException.ThrowIfAny(options.Problems());
            DatasetEvaluationResult result = await CommandLine.RunJobAsync(parsed, (workers, events) => DatasetEvaluation.RunAsync(options, workers, events, cancellationToken));
            Console.Out.WriteLine(parsed.GetValue(json) ? result.ToJson() : string.Join('\n', result.Tables().Select(TableText.Draw)).TrimEnd());
            return ExitCode.Done;
        });
        return command;
    }
}
