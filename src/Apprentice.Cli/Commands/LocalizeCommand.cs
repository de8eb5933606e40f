using System.CommandLine;
using System.Globalization;
using Apprentice.Cli.Terminal;
using Apprentice.Code;
using Apprentice.Scanning;
using Apprentice.Workspace;

namespace Apprentice.Cli.Commands;

/// <summary><c>apprentice localize</c>: ranks the suspicious lines of files.</summary>
internal static class LocalizeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> files = new("FILE") { Description = "Source files; - reads standard input.", Arity = ArgumentArity.OneOrMore };
        Option<string> model = CommonOptions.Model();
        Option<string?> language = new("--language")
        {
            Description = $"Language of all files ({string.Join(", ", Languages.All.Select(one => one.Name()))}). Default: by their endings.", HelpName = "L",
            Validators =
            {
                result =>
                {
                    if (result.Tokens is [{ Value: string name }] && !Languages.TryParse(name, out _))
                    {
                        result.AddError($"--language is '{name}'; one of {string.Join(", ", Languages.All.Select(one => one.Name()))} is expected.");
                    }
                },
            },
        };
        Option<int> top = new("--top") { Description = "Lines to show for each file.", HelpName = "N", DefaultValueFactory = _ => 10 };
        Option<bool> json = CommonOptions.Json();
        Command command = new("localize", "Ranks the lines of source files by how likely they hold a fault.") { files, model, language, top, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            LocalizeOptions options = new()
            {
                Files = parsed.GetValue(files) ?? [], Model = parsed.GetValue(model)!, Top = parsed.GetValue(top),
                Language = Languages.TryParse(parsed.GetValue(language), out Language known) ? known : null,
            };
            UsageException.ThrowIfAny(options.Problems());
            IReadOnlyList<LocalizedFile> results = await CommandLine.RunJobAsync(
                parsed, (workers, events) => LocalizeJob.RunAsync(options, Console.OpenStandardInput, workers, events, cancellationToken));
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(LocalizeJob.ToJson(options, results));
            }

            foreach (LocalizedFile result in results)
            {
                if (result.Result is null)
                {
                    Console.Error.WriteLine(Printable.Lines($"{result.Reading.Path}: {result.Reading.Message}"));
                }
                else if (!parsed.GetValue(json))
                {
                    Show(result);
                }
            }

            return results.All(result => result.Result is not null) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void Show(LocalizedFile file)
    {
        FileLocalization result = file.Result!; // The caller shows files with a result only.
        string[] lines = file.Reading.Source!.Text.Split('\n'); // A file with a result has a text.
        Console.Out.WriteLine(Printable.Line(result.Functions switch
        {
            0 => $"{result.Path} ({result.Language.Name()})",
            1 => $"{result.Path} ({result.Language.Name()}, 1 function)",
            _ => $"{result.Path} ({result.Language.Name()}, {result.Functions:n0} functions)",
        }));
        foreach (string note in result.Notes)
        {
            Console.Out.WriteLine($"  note: {note}");
        }

        int width = lines.Length.ToString(CultureInfo.InvariantCulture).Length;
        for (int i = 0; i < result.Lines.Count; i++)
        {
            SuspiciousLine line = result.Lines[i];
            string where = line.Function.Length == 0 ? "" : $" in {line.Function}";
            Console.Out.WriteLine($"{i + 1,4}. line {line.Line}{Printable.Line(where)}, {Percent(line.Score)} (the function holds a fault: {Percent(line.FaultProbability)})");
            for (int at = Math.Max(1, line.Line - 1); at <= Math.Min(lines.Length, line.Line + 1); at++)
            {
                string number = at.ToString(CultureInfo.InvariantCulture).PadLeft(width);
                Console.Out.WriteLine($"      {(at == line.Line ? '>' : ' ')} {number} | {Printable.Line(lines[at - 1])}".TrimEnd());
            }
        }

        Console.Out.WriteLine();
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
