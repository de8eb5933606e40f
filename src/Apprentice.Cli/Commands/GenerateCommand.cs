using System.CommandLine;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice generate</c>: the first step of a recipe.</summary>
internal static class GenerateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> recipe = CommonOptions.Recipe();
        Option<string?> folder = CommonOptions.Out();
        Option<bool> runTests = new("--run-tests") { Description = "Run the seeds' tests on generated code, in a process of its own with limits. Without it, nothing that was generated is run." };
        Command command = new("generate", "Asks a large language model for examples, checks them, and keeps those closest to the real ones.") { recipe, folder, runTests };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Recipe read = RecipeFile.Load(parsed.GetValue(recipe)!);
            RunFolder run = CommonOptions.Folder(read, parsed.GetValue(folder));
            GenerateResult result = await CommandLine.RunJobAsync(parsed, (workers, events) =>
                Steps.GenerateAsync(read, run, new GenerateRunOptions { RunTests = parsed.GetValue(runTests) }, workers, events, cancellationToken));
            Console.Out.WriteLine(result.Funnel);
            Console.Out.WriteLine(result.Waiting
                ? $"The requests are in {run.Requests}; send them as a batch job, name its output in the recipe, and run this command again."
                : $"{result.Selected:n0} examples are in {run.Generated}");
            return ExitCode.Done;
        });
        return command;
    }
}
