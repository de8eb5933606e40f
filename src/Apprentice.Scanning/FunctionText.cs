using Apprentice.Code;

namespace Apprentice.Scanning;

/// <summary>A function cut out of its file.</summary>
/// <param name="Name">Its name; empty for a piece of text without a function.</param>
/// <param name="StartLine">1-based line of the file where it begins.</param>
/// <param name="EndLine">1-based line of the file where it ends.</param>
/// <param name="Text">Its text from the start of its first line, as models were trained on it: the indentation of the first line is taken off every line. Line i of it is line <paramref name="StartLine"/> + i of the file.</param>
public sealed record FunctionText(string Name, int StartLine, int EndLine, string Text)
{
    /// <summary>The functions of a file in order.</summary>
    /// <param name="source">The file.</param>
    public static List<FunctionText> Of(SourceText source)
    {
        ArgumentNullException.ThrowIfNull(source);
        string text = source.Text;
        return [.. FunctionFinder.Find(source.Language, text).Select(function =>
        {
            int start = function.Start;
            while (start > 0 && text[start - 1] is ' ' or '\t')
            {
                start--;
            }

            return new FunctionText(function.Name, function.StartLine, function.EndLine, Unindent(text[start..function.End]));
        })];
    }

    private static string Unindent(string code)
    {
        int width = code.AsSpan().IndexOfAnyExcept(' ', '\t');
        if (width <= 0)
        {
            return code;
        }

        string indentation = code[..width];
        return string.Join('\n', code.Split('\n').Select(line => line.StartsWith(indentation, StringComparison.Ordinal) ? line[width..] : line));
    }
}
