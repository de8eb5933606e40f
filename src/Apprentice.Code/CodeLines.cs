using System.Text;

namespace Apprentice.Code;

/// <summary>The lines of a text that hold tokens, each as one number that stands for its token sequence.</summary>
internal sealed class CodeLines
{
    private readonly string[] _indents;
    private readonly string[] _keys;

    private CodeLines(int[] numbers, int[] ids, bool[] braceOnly, string[] indents, string[] keys) =>
        (Numbers, Ids, BraceOnly, _indents, _keys) = (numbers, ids, braceOnly, indents, keys);

    /// <summary>1-based line numbers.</summary>
    public int[] Numbers { get; }

    /// <summary>Equal for equal token sequences.</summary>
    public int[] Ids { get; }

    /// <summary>True for a line of nothing but braces.</summary>
    public bool[] BraceOnly { get; }

    public static CodeLines Read(Language language, string code, LineDiffOptions options, Dictionary<string, int> ids)
    {
        List<CodeToken> tokens = options.CompareComments ? LineByLine(language, code) : Lexer.Tokenize(language, code);
        if (!options.CompareComments)
        {
            Docstrings.RemoveSilent(language, code, tokens);
        }

        List<int> numbers = [];
        List<int> lineIds = [];
        List<bool> braceOnly = [];
        List<string> indents = [];
        List<string> keys = [];
        StringBuilder key = new();
        int line = 0;
        bool onlyBraces = true;
        bool opener = false;
        foreach (CodeToken token in tokens)
        {
            int number = token.Line;
            foreach (Range part in token.Text(code).Split('\n'))
            {
                ReadOnlySpan<char> text = token.Text(code)[part].Trim();
                if (text.Length > 0)
                {
                    if (number != line)
                    {
                        Close();
                        line = number;
                        indents.Add(IndentAt(code, token.Start + part.Start.Value));
                    }

                    key.Append(text).Append('\u0001');
                    onlyBraces &= token.Kind != CodeTokenKind.String && IsEmptyOfMeaning(text, ref opener);
                }

                number++;
            }
        }

        Close();
        return new CodeLines([.. numbers], [.. lineIds], [.. braceOnly], [.. indents], [.. keys]);

        void Close()
        {
            if (line > 0)
            {
                string text = key.ToString();
                numbers.Add(line);
                lineIds.Add(IdOf(text, ids));
                braceOnly.Add(onlyBraces);
                keys.Add(text);
                key.Clear();
                opener = false;
                onlyBraces = true;
            }
        }
    }

    /// <summary>As <see cref="Ids"/>, but lines that differ in indentation differ.</summary>
    public int[] IndentedIds(Dictionary<string, int> ids) =>
        [.. _keys.Select((key, index) => IdOf(_indents[index] + "\u0002" + key, ids))];

    /// <summary>Braces and what stands with them: other brackets, separators, and the keywords that only open a block.</summary>
    private static bool IsEmptyOfMeaning(ReadOnlySpan<char> text, ref bool opener)
    {
        bool colonAfterOpener = opener && text is ":";
        opener = text is "else" or "try" or "finally" or "do";
        return opener || colonAfterOpener || text is "{" or "}" or "(" or ")" or "[" or "]" or ";" or ",";
    }

    /// <summary>An unclosed comment would swallow the lines behind it, so each line is lexed by itself.</summary>
    private static List<CodeToken> LineByLine(Language language, string code)
    {
        List<CodeToken> tokens = [];
        int start = 0;
        int number = 1;
        foreach (string line in code.Split('\n'))
        {
            foreach (CodeToken token in Lexer.Tokenize(language, line))
            {
                tokens.Add(token with { Start = token.Start + start, Line = number });
            }

            start += line.Length + 1;
            number++;
        }

        return tokens;
    }

    private static int IdOf(string text, Dictionary<string, int> ids)
    {
        if (!ids.TryGetValue(text, out int id))
        {
            ids.Add(text, id = ids.Count);
        }

        return id;
    }

    private static string IndentAt(string code, int at)
    {
        int start = at == 0 ? 0 : code.LastIndexOf('\n', at - 1) + 1;
        int end = start;
        while (end < code.Length && code[end] is ' ' or '\t')
        {
            end++;
        }

        return code[start..end];
    }
}
