using Apprentice.Code;
using Apprentice.Data;

namespace Apprentice.Training;

/// <summary>The functions of a corpus, found once and kept in a file.</summary>
public static class FunctionCorpus
{
    /// <summary>Fewest lines of a function worth training on; shorter ones are accessors.</summary>
    public const int MinimumLines = 4;

    /// <summary>Most lines of a function.</summary>
    public const int MaximumLines = 120;

    /// <summary>Most characters of a function.</summary>
    public const int MaximumCharacters = 6000;

    /// <summary>Finds the functions of corpus shards, leaves out repeated ones, and writes them as clean-function rows.</summary>
    /// <param name="shards">Paths of corpus files.</param>
    /// <param name="path">File to write, as a whole or not at all.</param>
    /// <param name="progress">Told the number of files read and of functions kept.</param>
    /// <param name="cancellationToken">Stops without a file.</param>
    public static async Task BuildAsync(IEnumerable<string> shards, string path, IProgress<(int Files, int Functions)>? progress = null, CancellationToken cancellationToken = default)
    {
        await FaultDataset.WriteAsync(path, RowsAsync(shards, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the functions back.</summary>
    /// <param name="path">File that <see cref="BuildAsync"/> wrote.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<(string Code, Language Language)>> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        List<(string, Language)> functions = [];
        await foreach (FaultExample row in FaultDataset.ReadAsync(path, cancellationToken).ConfigureAwait(false))
        {
            functions.Add((row.Code, Languages.Parse(row.Language)));
        }

        return functions;
    }

    private static async IAsyncEnumerable<FaultExample> RowsAsync(
        IEnumerable<string> shards, IProgress<(int Files, int Functions)>? progress, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<ulong> seen = [];
        int files = 0;
        int functions = 0;
        foreach (string shard in shards)
        {
            await foreach (CorpusFile file in CorpusReader.ReadAsync(shard, cancellationToken).ConfigureAwait(false))
            {
                files++;
                Language language = Languages.Parse(file.Language);
                foreach (CodeFunction function in FunctionFinder.Find(language, file.Text))
                {
                    int lines = function.EndLine - function.StartLine + 1;
                    if (lines is < MinimumLines or > MaximumLines || function.End - function.Start > MaximumCharacters)
                    {
                        continue;
                    }

                    string code = Unindent(file.Text[LineStart(file.Text, function.Start)..function.End]);
                    if (seen.Add(Fingerprint(code)))
                    {
                        functions++;
                        yield return new FaultExample
                        {
                            Id = $"{file.Repo}:{file.Path}:{function.StartLine}", Task = "clean-function", Language = file.Language, Code = code, Source = "corpus",
                            ProjectOrProblem = file.Repo, License = file.License,
                        };
                    }
                }

                if (files % 100 == 0)
                {
                    progress?.Report((files, functions));
                }
            }
        }

        progress?.Report((files, functions));
    }

    private static int LineStart(string text, int position)
    {
        int start = position;
        while (start > 0 && (text[start - 1] is ' ' or '\t'))
        {
            start--;
        }

        return start;
    }

    /// <summary>Takes the first line's indentation off every line, as labelled functions have it.</summary>
    internal static string Unindent(string code)
    {
        code = code.Replace("\r\n", "\n", StringComparison.Ordinal);
        int indentation = 0;
        while (indentation < code.Length && (code[indentation] is ' ' or '\t'))
        {
            indentation++;
        }

        if (indentation == 0)
        {
            return code;
        }

        string prefix = code[..indentation];
        return string.Join('\n', code.Split('\n').Select(line => line.StartsWith(prefix, StringComparison.Ordinal) ? line[indentation..] : line));
    }

    /// <summary>FNV-1a over the characters that are not white space: copies that differ in layout are one function.</summary>
    private static ulong Fingerprint(string code)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in code)
        {
            if (!char.IsWhiteSpace(c))
            {
                hash = (hash ^ c) * 1099511628211;
            }
        }

        return hash;
    }
}
