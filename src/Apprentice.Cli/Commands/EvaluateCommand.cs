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
        Argument<string?> recipe = new("RECIPE.yaml") { Description = "Recipe whose models are scored and compared; or give --task and --data instead.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> folder = new("--out") { Description = "Run folder of the recipe. Default: runs/NAME with the name of the recipe.", HelpName = "DIR" };
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
        Command command = new("evaluate", "Scores the models of a recipe, or any model or predictions on a file of labelled rows, with intervals.")
        {
            recipe, folder, task, data, model, predictionsIn, baselines, predictions, threshold, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? taskName = parsed.GetValue(task);
            string? dataFile = parsed.GetValue(data);
            if (parsed.GetValue(recipe) is { } file)
            {
                if (taskName is not null || dataFile is not null || parsed.GetValue(model) is not null || parsed.GetValue(predictionsIn) is not null)
                {
                    throw new UsageException("A recipe names its own task, data and models; give either a recipe or --task and --data.");
                }

                Recipe read = RecipeFile.Load(file);
                RunFolder run = CommonOptions.Folder(read, parsed.GetValue(folder));
                ExperimentResult scored = await CommandLine.RunJobAsync(parsed, (workers, events) => Steps.EvaluateAsync(read, run, workers, events, cancellationToken));
                Console.Out.WriteLine(parsed.GetValue(json) ? JsonReport.Render(scored.Report).TrimEnd() : ReportText.Draw(scored.Report));
                Console.Error.WriteLine($"The report is {Path.GetFullPath(run.ReportHtml)}");
                return ExitCode.Done;
            }

            if (taskName is null || dataFile is null)
            {
                throw new UsageException("Give a recipe, or --task and --data.");
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
