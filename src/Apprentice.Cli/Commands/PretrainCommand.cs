using System.CommandLine;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice pretrain</c>: makes a base model.</summary>
internal static class PretrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> recipe = new("RECIPE.yaml") { Description = "Recipe with corpus, architecture and training; models/base/recipe.yaml is the built-in model's." };
        Option<string> data = new("--data") { Description = "Folder with the corpus files.", HelpName = "DIR", Required = true };
        Option<string?> folder = new("--out") { Description = "Folder for all results. Default: runs/NAME with the name of the recipe.", HelpName = "DIR" };
        Command command = new("pretrain", "Trains a base model and its tokenizer on source code; the same command goes on where it was stopped.") { recipe, data, folder };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            PretrainingRecipe read = RecipeFile.Read<PretrainingRecipe>(parsed.GetValue(recipe)!);
            string target = parsed.GetValue(folder) ?? Path.Combine("runs", read.Name);
            return await CommandLine.RunJobAsync(parsed, async (workers, events) =>
            {
                await Pretraining.RunAsync(read, parsed.GetValue(data)!, target, workers, events, cancellationToken);
                return ExitCode.Done;
            });
        });
        return command;
    }
}
