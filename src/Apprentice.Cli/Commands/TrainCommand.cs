using System.CommandLine;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice train</c>: the second step of a recipe.</summary>
internal static class TrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> recipe = CommonOptions.Recipe();
        Option<string?> folder = CommonOptions.Out();
        Command command = new("train", "Trains every arm of a recipe with every seed; the same command goes on where it was stopped.") { recipe, folder };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Recipe read = RecipeFile.Load(parsed.GetValue(recipe)!);
            RunFolder run = CommonOptions.Folder(read, parsed.GetValue(folder));
            int trained = await CommandLine.RunJobAsync(parsed, (workers, events) => Steps.TrainAsync(read, run, workers, events, cancellationToken));
            Console.Out.WriteLine($"{trained:n0} trainings are in {run.Root}; 'apprentice evaluate' with the same recipe compares them.");
            return ExitCode.Done;
        });
        return command;
    }
}
