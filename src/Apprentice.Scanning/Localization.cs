using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Training;

namespace Apprentice.Scanning;

/// <summary>A line that may hold a fault.</summary>
/// <param name="Line">1-based line of the file.</param>
/// <param name="Score">Probability that the function's fault is in this line: the probability that the function has one at all, times the line's share of it.</param>
/// <param name="Function">Name of the function; empty for text outside any.</param>
/// <param name="FunctionLine">1-based line of the file where the function begins.</param>
/// <param name="FaultProbability">Probability that there is a fault in the function at all.</param>
/// <param name="Text">The line as it stands in the file.</param>
public sealed record SuspiciousLine(int Line, double Score, string Function, int FunctionLine, double FaultProbability, string Text);

/// <summary>The suspicious lines of one file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Language">Its language.</param>
/// <param name="Functions">Functions found; 0 when the text was scored as a fragment.</param>
/// <param name="Lines">The most suspicious lines, highest score first.</param>
/// <param name="Notes">What was not scored and why, and other things to know.</param>
public sealed record FileLocalization(string Path, Language Language, int Functions, IReadOnlyList<SuspiciousLine> Lines, IReadOnlyList<string> Notes);

/// <summary>Ranks the lines of source files by suspicion.</summary>
public static class Localization
{
    /// <summary>Longer functions, in characters, are scored in pieces: the longest functions of the training data, and what bounds memory.</summary>
    public const int LongestPiece = 16_000;

    /// <summary>Lines longer than this, in characters, are not scored: nobody reads them.</summary>
    public const int LongestLine = 4_000;

    /// <summary>The most suspicious lines of a file.</summary>
    /// <param name="model">A model with a line head.</param>
    /// <param name="source">The file.</param>
    /// <param name="top">Lines to give; at least 1.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="cancellationToken">Stops between two functions.</param>
    /// <exception cref="TrainingException">The model has no line head.</exception>
    public static FileLocalization Rank(TaskModel model, SourceText source, int top, Workers workers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        List<string> notes = [];
        string[] fileLines = source.Text.Split('\n');
        if (!Lexer.Tokenize(source.Language, source.Text).Exists(token => token.Kind != CodeTokenKind.Comment))
        {
            notes.Add(string.IsNullOrWhiteSpace(source.Text) ? "is empty: nothing to score." : "holds no code: nothing to score.");
            return new FileLocalization(source.Path, source.Language, 0, [], notes);
        }

        List<FunctionText> functions = FunctionText.Of(source);
        if (functions.Count > 0)
        {
            AddOutside(functions, fileLines, notes);
        }
        else
        {
            notes.Add("has no function: the text was scored as one.");
        }

        List<FunctionText> pieces = [.. (functions.Count > 0 ? functions : [new FunctionText("", 1, fileLines.Length, source.Text)]).SelectMany(function => Pieces(function, notes))];
        List<SuspiciousLine> lines = [];
        foreach ((FunctionText piece, LineScores scores) in pieces.Zip(FaultLocalizer.Predict(model, pieces.Select(piece => (piece.Text, source.Language)), workers)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < scores.Lines.Length; i++)
            {
                if (scores.Lines[i] > FaultLocalizer.Impossible)
                {
                    // The model's softmax holds 'no fault' beside the lines, so a line's probability is the product already.
                    int line = piece.StartLine + i;
                    lines.Add(new SuspiciousLine(line, scores.Lines[i], piece.Name, piece.StartLine, scores.FaultProbability, fileLines[line - 1]));
                }
            }
        }

        return new FileLocalization(
            source.Path, source.Language, functions.Count, [.. lines.OrderByDescending(line => line.Score).ThenBy(line => line.Line).DistinctBy(line => line.Line).Take(top)], notes);
    }

    /// <summary>Says how many lines of code lie outside functions; few are usual (imports, fields), many mean a script.</summary>
    private static void AddOutside(List<FunctionText> functions, string[] lines, List<string> notes)
    {
        bool[] inside = new bool[lines.Length + 2];
        foreach (FunctionText function in functions)
        {
            Array.Fill(inside, true, function.StartLine, function.EndLine - function.StartLine + 1);
        }

        int outside = Enumerable.Range(1, lines.Length).Count(line => !inside[line] && !string.IsNullOrWhiteSpace(lines[line - 1]));
        int all = lines.Count(line => !string.IsNullOrWhiteSpace(line));
        if (outside > all / 2)
        {
            notes.Add($"{outside:n0} of {all:n0} lines stand outside functions and were not scored.");
        }
    }

    private static IEnumerable<FunctionText> Pieces(FunctionText function, List<string> notes)
    {
        string[] lines = function.Text.Split('\n');
        int longest = lines.Max(line => line.Length);
        if (function.Text.Length <= LongestPiece && longest <= LongestLine)
        {
            yield return function;
            yield break;
        }

        int count = 0;
        for (int start = 0; start < lines.Length;)
        {
            if (lines[start].Length > LongestLine)
            {
                notes.Add($"line {function.StartLine + start} has {lines[start].Length:n0} characters and was not scored.");
                start++;
                continue;
            }

            int length = 0;
            int end = start;
            while (end < lines.Length && lines[end].Length <= LongestLine && (end == start || length + lines[end].Length + 1 <= LongestPiece))
            {
                length += lines[end++].Length + 1;
            }

            count++;
            yield return new FunctionText(function.Name, function.StartLine + start, function.StartLine + end - 1, string.Join('\n', lines[start..end]));
            start = end;
        }

        if (count > 1)
        {
            notes.Add($"{(function.Name.Length == 0 ? "the text" : $"function {function.Name} at line {function.StartLine}")} has {function.Text.Length:n0} characters and was scored in {count} pieces.");
        }
    }
}
