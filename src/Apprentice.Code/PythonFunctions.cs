namespace Apprentice.Code;

/// <summary>Functions of Python by indentation.</summary>
internal static class PythonFunctions
{
    public static IReadOnlyList<CodeFunction> Find(string code)
    {
        List<CodeToken> tokens = Lexer.Tokenize(Language.Python, code);
        tokens.RemoveAll(static token => token.Kind == CodeTokenKind.Comment);
        List<(int First, int Column)> lines = LogicalLines(code, tokens);
        List<CodeFunction> found = [];
        int line = 0;
        while (line < lines.Count)
        {
            int decorators = line;
            while (line < lines.Count && Is(code, tokens, lines[line].First, "@"))
            {
                line++;
            }

            if (line == lines.Count)
            {
                break;
            }

            int def = lines[line].First;
            bool async = Is(code, tokens, def, "async");
            def += async ? 1 : 0;
            if (!Is(code, tokens, def, "def") || def + 1 >= tokens.Count)
            {
                line++;
                continue;
            }

            int column = lines[line].Column;
            int next = line + 1;
            while (next < lines.Count && lines[next].Column > column)
            {
                next++;
            }

            CodeToken first = tokens[lines[line > decorators && lines[decorators].Column == column ? decorators : line].First];
            CodeToken last = tokens[(next < lines.Count ? lines[next].First : tokens.Count) - 1];
            found.Add(new CodeFunction(
                tokens[def + 1].Text(code).ToString(), first.Start, last.End, first.Line, last.Line + last.Text(code).Count('\n'))
            {
                ParameterCount = Parameters(code, tokens, def + 2, next < lines.Count ? lines[next].First : tokens.Count),
            });
            line = next;
        }

        return found;
    }

    /// <summary>The first token of each logical line and its column, a tab reaching to the next multiple of eight.</summary>
    internal static List<(int First, int Column)> LogicalLines(string code, List<CodeToken> tokens)
    {
        List<(int First, int Column)> lines = [];
        int depth = 0;
        int endLine = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            CodeToken token = tokens[i];
            if (token.Line > endLine)
            {
                // No statement keyword of these ever stands inside brackets, so that one unclosed bracket does not hide the rest of a file.
                if (depth > 0 && token.Kind == CodeTokenKind.Keyword && token.Text(code) is "def" or "class")
                {
                    depth = 0;
                }

                if (depth == 0 && !(i > 0 && Continues(code, tokens[i - 1].End)))
                {
                    lines.Add((i, Column(code, token.Start)));
                }
            }

            if (token.Kind == CodeTokenKind.Punctuation)
            {
                depth += code[token.Start] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' when depth > 0 => -1, _ => 0 };
            }

            endLine = token.Line + (token.Kind == CodeTokenKind.String ? token.Text(code).Count('\n') : 0);
        }

        return lines;
    }

    private static bool Continues(string code, int at)
    {
        while (at < code.Length && code[at] is ' ' or '\t' or '\r')
        {
            at++;
        }

        return at < code.Length && code[at] == '\\';
    }

    private static int Column(string code, int at)
    {
        int start = at == 0 ? 0 : code.LastIndexOf('\n', at - 1) + 1;
        int column = 0;
        for (int i = start; i < at; i++)
        {
            column = code[i] == '\t' ? (column / 8 * 8) + 8 : column + 1;
        }

        return column;
    }

    private static bool Is(string code, List<CodeToken> tokens, int index, ReadOnlySpan<char> text) =>
        index < tokens.Count && tokens[index].Kind != CodeTokenKind.String && tokens[index].Text(code).SequenceEqual(text);

    private static int Parameters(string code, List<CodeToken> tokens, int at, int end)
    {
        while (at < end && !Is(code, tokens, at, "("))
        {
            if (Is(code, tokens, at, ":"))
            {
                return -1;
            }

            at++;
        }

        int depth = 0;
        int count = 0;
        bool any = false;
        for (; at < end; at++)
        {
            if (tokens[at].Kind == CodeTokenKind.Punctuation)
            {
                char c = code[tokens[at].Start];
                if (c is '(' or '[' or '{')
                {
                    any |= depth > 0;
                    depth++;
                    continue;
                }

                if (c is ')' or ']' or '}')
                {
                    if (--depth == 0)
                    {
                        return count + (any ? 1 : 0);
                    }

                    continue;
                }

                if (c == ',' && depth == 1)
                {
                    count += any ? 1 : 0;
                    any = false;
                    continue;
                }
            }

            any |= !(tokens[at].Kind == CodeTokenKind.Operator && tokens[at].Text(code) is "*" or "/");
        }

        return -1;
    }
}
