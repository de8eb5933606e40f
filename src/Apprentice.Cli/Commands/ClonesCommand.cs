using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Apprentice.Cli.Terminal;
using Apprentice.Scanning;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice clones</c>: lists functions that are alike.</summary>
internal static class ClonesCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> folders = new("DIR") { Description = "Folders or source files to search.", Arity = ArgumentArity.OneOrMore };
        Option<string> model = CommonOptions.Model();
        Option<double?> threshold = new("--threshold") { Description = "Least similarity of semantic clones, up to 1. Default: the model's own.", HelpName = "X" };
        Option<int> top = new("--top") { Description = "Classes to show; 0 for all.", HelpName = "N", DefaultValueFactory = _ => 20 };
        Option<int> lines = new("--min-lines") { Description = "Shortest function to compare, in lines.", HelpName = "N", DefaultValueFactory = _ => 5 };
        Option<bool> json = CommonOptions.Json();
        Command command = new("clones", "Lists the functions of folders that are equal, renamed copies of each other, or do much the same.") { folders, model, threshold, top, lines, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ClonesOptions options = new()
            {
                Folders = parsed.GetValue(folders) ?? [], Model = parsed.GetValue(model)!, Top = parsed.GetValue(top),
                Search = new CloneSearchOptions { Threshold = parsed.GetValue(threshold), MinimumLines = parsed.GetValue(lines) },
            };
            UsageException.ThrowIfAny(options.Problems());
            ClonesResult result = await CommandLine.RunJobAsync(parsed, (workers, events) => ClonesJob.RunAsync(options, workers, events, cancellationToken));
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(ClonesJob.ToJson(options, result));
            }
            else
            {
                Show(options, result);
            }

            foreach (SourceReading reading in result.Unreadable)
            {
                Console.Error.WriteLine(Printable.Lines($"{reading.Path}: {reading.Message}"));
            }

            return result.Unreadable.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void Show(ClonesOptions options, ClonesResult result)
    {
        CloneSearchResult search = result.Search;
        IReadOnlyList<CloneClass> shown = ClonesJob.Shown(options, result);
        int number = 0;
        foreach (CloneClass one in shown)
        {
            string similarity = one.Kind == CloneKind.Semantic ? $", similarity at least {Cosine(one.Similarity)}" : "";
            Console.Out.WriteLine($"{++number,4}. {Name(one.Kind)}{similarity}: {one.Members.Count} functions, {one.RepeatedLines:n0} repeated lines");
            for (int i = 0; i < one.Members.Count; i++)
            {
                CloneMember member = one.Members[i];
                string likeness = i == 0 ? "" : member.Kind == CloneKind.Semantic ? $"  {Cosine(member.Similarity)}" : member.Kind == CloneKind.Exact ? "  exact" : "  renamed";
                Console.Out.WriteLine($"      {Printable.Line($"{member.Path}:{member.StartLine}-{member.EndLine}  {member.Name}")}{likeness}");
            }
        }

        if (shown.Count > 0)
        {
            Console.Out.WriteLine();
        }

        Console.Out.WriteLine($"{search.Classes.Count:n0} classes{(shown.Count < search.Classes.Count ? $" ({shown.Count} shown; --top 0 shows all)" : "")} "
            + $"in {search.Functions:n0} functions of {result.Files:n0} files; semantic from {search.Threshold.ToString("0.###", CultureInfo.InvariantCulture)}.");
        List<string> left = [];
        if (search.ShortFunctions > 0)
        {
            left.Add($"{search.ShortFunctions:n0} functions under {options.Search.MinimumLines} lines");
        }

        if (search.LongFunctions > 0)
        {
            left.Add($"{search.LongFunctions:n0} functions over {CloneSearch.LongestFunction:n0} characters (compared by text only)");
        }

        left.AddRange(result.Skipped.Select(item => $"{item.Value:n0} files: {Reason(item.Key)}"));
        if (result.SkippedFolders.Count > 0)
        {
            string names = string.Join(", ", result.SkippedFolders.Select(folder => Path.GetFileName(folder)).Distinct().Order(StringComparer.Ordinal).Take(8));
            left.Add($"{result.SkippedFolders.Count:n0} folders: {Printable.Line(names)}");
        }

        if (left.Count > 0)
        {
            Console.Out.WriteLine($"Left out: {string.Join("; ", left)}.");
        }

        if (search.PairsCut)
        {
            Console.Out.WriteLine($"More than {options.Search.MostPairs:n0} pairs are similar: only the most similar ones were grouped. A higher --threshold gives fewer.");
        }
    }

    private static string Cosine(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Name(CloneKind kind) => kind switch { CloneKind.Exact => "Exact copies", CloneKind.Renamed => "Renamed copies", _ => "Alike" };

    private static string Reason(SourceProblem problem) => problem switch
    {
        SourceProblem.UnknownLanguage => "of another kind",
        SourceProblem.TooLarge => "too large",
        SourceProblem.Encoding => "not UTF-8",
        _ => JsonNamingPolicy.KebabCaseLower.ConvertName(problem.ToString()),
    };
}
