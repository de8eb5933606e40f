using System.CommandLine;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary>Options and arguments that several commands have; each call makes a new one, as a command owns its symbols.</summary>
internal static class CommonOptions
{
    /// <summary>The model to use.</summary>
    public static Option<string> Model() => new("--model") { Description = "A folder that 'apprentice train' or 'pretrain' wrote, or 'builtin'.", HelpName = "DIR|builtin", DefaultValueFactory = _ => "builtin" };

    /// <summary>One JSON document instead of text.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document instead of text." };

    /// <summary>The run folder.</summary>
    public static Option<string?> Out() => new("--out") { Description = "Folder for all results. Default: runs/NAME with the name of the recipe.", HelpName = "DIR" };

    /// <summary>The recipe.</summary>
    public static Argument<string> Recipe() => new("RECIPE.yaml") { Description = "Recipe with data, models and settings; samples/ has the demo's." };

    /// <summary>The run folder of a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="folder">What --out says, or null.</param>
    public static RunFolder Folder(Recipe recipe, string? folder) => new RunFolder(folder ?? Path.Combine("runs", recipe.Name)).Create();
}
